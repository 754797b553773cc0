-- Reads read marks, in one step with the head. A room that is not there is not made.
--   KEYS 1 m, 2 r
--   ARGV 1 ms until an idle room is forgotten, 2 how many of the newest marks, 3 and 4 offset and user
--        of the mark behind which they begin ('' for all), then users
-- Answers epoch ('' without a room), head, the users' offsets (0 without a mark), then user and offset
-- of the newest marks.
local room = redis.call('HMGET', KEYS[1], 'e', 'o', 'r')
local answer = {room[1] or '', tonumber(room[2] or '0')}
for i = 5, #ARGV do
  local offset = room[3] and redis.call('ZSCORE', KEYS[2], ARGV[i])
  answer[#answer + 1] = tonumber(offset or '0')
end
if not room[3] then
  return answer
end
-- One that is refused, for lack of replicas say, must not keep the marks from those who ask.
redis.pcall('PEXPIRE', KEYS[2], ARGV[1])

-- As Redis orders members of one score: by their bytes. Lua would compare by the server's locale.
local function isAbove(one, other)
  for i = 1, math.min(#one, #other) do
    local a, b = string.byte(one, i), string.byte(other, i)
    if a ~= b then
      return a > b
    end
  end
  return #one > #other
end

-- The first rank behind the given mark, which need not be there any more, by halving.
local from = 0
if ARGV[3] ~= '' then
  local after, to = tonumber(ARGV[3]), redis.call('ZCARD', KEYS[2])
  while from < to do
    local middle = math.floor((from + to) / 2)
    local found = redis.call('ZREVRANGE', KEYS[2], middle, middle, 'WITHSCORES')
    local offset = tonumber(found[2])
    if offset > after or (offset == after and not isAbove(ARGV[4], found[1])) then
      from = middle + 1
    else
      to = middle
    end
  end
end

local limit = tonumber(ARGV[2])
if limit > 0 then
  local newest = redis.call('ZREVRANGE', KEYS[2], from, from + limit - 1, 'WITHSCORES')
  for i = 1, #newest, 2 do
    answer[#answer + 1] = newest[i]
    answer[#answer + 1] = tonumber(newest[i + 1])
  end
end
return answer
