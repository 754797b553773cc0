-- A room's head, and the room itself where there was none.
--   KEYS 5 p, 6 x
-- Answers epoch, head, lineage, members, presence version, whether it is large, then the offsets of
-- at most 1,000 messages that were deleted, newest first.
if settled then
  forget()
  keep()
else
  redis.call('PEXPIRE', KEYS[1], life(head, ARGV[5]))
end
redis.call('PEXPIRE', KEYS[5], life(head, ARGV[5]))
local presence = redis.call('HMGET', KEYS[1], 'pv', 'lg')
local answer = {epoch, head, lineage, redis.call('HLEN', KEYS[5]), tonumber(presence[1] or '0'),
  tonumber(presence[2] or '0')}
if redis.call('HEXISTS', KEYS[1], 'd') == 1 then
  for _, member in ipairs(redis.call('ZREVRANGE', KEYS[6], 0, 999)) do
    answer[#answer + 1] = tonumber(string.match(member, '^%d+'))
  end
end
return answer
