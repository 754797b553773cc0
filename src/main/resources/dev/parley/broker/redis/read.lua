-- Moves read marks forward, at most to the head, and tells the room of those that moved.
--   KEYS 1 m, 2 r
--   ARGV 1 ms until an idle room is forgotten, 2 channel, 3 marks that are kept, then for each mark:
--        user, offset
-- Answers how many moved. Without the field r in m, the marks are of a room that was lost.
local room = redis.call('HMGET', KEYS[1], 'e', 'o', 'r')
local head = tonumber(room[2] or '0')
if not room[1] or head == 0 then
  return {0}
end

local scores, told = {}, {}
for i = 4, #ARGV, 2 do
  local offset = math.min(tonumber(ARGV[i + 1]), head)
  local before = room[3] and redis.call('ZSCORE', KEYS[2], ARGV[i])
  if offset > tonumber(before or '0') then
    scores[#scores + 1] = string.format('%.0f', offset)
    scores[#scores + 1] = ARGV[i]
    told[#told + 1] = struct.pack('>I4I8', 8 + #ARGV[i], offset) .. ARGV[i]
  end
end
if #told == 0 then
  return {0}
end

if not room[3] then
  -- A first write that changes nothing, since Redis would not refuse the next one: see settle.lua.
  redis.call('HSET', KEYS[1], 'o', room[2])
  redis.call('UNLINK', KEYS[2])
end
redis.call('ZADD', KEYS[2], unpack(scores))
redis.call('HSET', KEYS[1], 'r', '1')
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -ARGV[3] - 1)
redis.call('PEXPIRE', KEYS[2], ARGV[1])
redis.pcall('PUBLISH', ARGV[2], struct.pack('>BB', 1, 6) .. room[1]
  .. struct.pack('>I8I2', 0, #told) .. table.concat(told))
return {#told}
