-- Takes users of a dead incarnation out of a room, a bounded number in one run.
--   ARGV 1 where to go on, 0 at the beginning
-- Answers where to go on, 0 at the end. The caller does not know for how long the room is to be kept,
-- so whatever life it has left, it keeps.
ARGV[4] = string.format('%.0f', math.max(tonumber(ARGV[4]), redis.call('PTTL', KEYS[1])))
local found = redis.call('HSCAN', KEYS[2], ARGV[1], 'COUNT', 100)
for i = 1, #found[2], 2 do
  -- Most entries of a room are of other incarnations, and are not worth decoding.
  if string.find(found[2][i + 1], ARGV[2], 1, true) then
    local user = cjson.decode(found[2][i + 1])
    if user.at[ARGV[2]] then
      remove(found[2][i], user, ARGV[2])
    end
  end
end
return found[1]
