-- Removes a message from a room's log and leaves a tombstone.
--   ARGV 6 channel, 7 offset, 8 name of this deletion: a script that is run again answers the same
-- Answers epoch, whether this deletion removed it.
if lost then
  return {epoch, 0}
end
if settled then
  keep()
else
  claim()
end
local now = clock()
local offset = tonumber(ARGV[7])
local oldest = oldestKept(now)
if offset < oldest or offset > head then
  return {epoch, 0}
end
local id = ARGV[7] .. '-0'
local entry = redis.call('XRANGE', KEYS[2], id, id)[1]
if not entry then
  local before = tombstones(offset, offset, 1)[1]
  return {epoch, before and string.match(before, ':(%w+)$') == ARGV[8] and 1 or 0}
end
local _, stored = isOld(entry, now)
-- A tombstone beside its message means nothing, so it comes first.
if not marked then
  redis.call('UNLINK', KEYS[5])
end
redis.call('ZADD', KEYS[5], ARGV[7], ARGV[7] .. ':' .. text(stored) .. ':' .. ARGV[8])
redis.call('HSET', KEYS[1], 'd', '1')
redis.call('XDEL', KEYS[2], id)
redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', '(' .. text(oldest))
redis.call('PEXPIRE', KEYS[5], ARGV[4])
redis.pcall('PUBLISH', ARGV[6], struct.pack('>BB', 1, 5) .. epoch .. struct.pack('>I8I2', offset, 0))
return {epoch, 1}
