-- Messages whose content was removed: the log has a hole where one was, and its tombstone tells
-- that hole from a loss.
--   KEYS 5 x, sorted set of tombstones: score offset, member offset:stored:deletion, with the time
--        in ms at which the message was stored
-- Without its mark the room was lost and begun anew: those tombstones are not of its messages.
local marked = redis.call('HEXISTS', KEYS[1], 'd') == 1

local function tombstone(member)
  local offset, stored = string.match(member, '^(%d+):(%d+):')
  return tonumber(offset), tonumber(stored)
end

-- The first tombstones of these offsets, ascending.
local function tombstones(from, to, limit)
  return marked
    and redis.call('ZRANGEBYSCORE', KEYS[5], text(from), text(to), 'LIMIT', 0, limit) or {}
end

-- Trims, and answers the offset of the oldest message that is kept or has a tombstone; head + 1
-- where there is none.
local function oldestKept(now)
  local oldest = trim(now)
  local least = math.max(1, head - ARGV[3] + 1)
  local bottom = oldest
  while oldest > least and oldest == bottom do
    bottom = math.max(least, oldest - 100)
    local below = tombstones(bottom, oldest - 1, 200)
    for i = #below, 1, -1 do
      local offset, stored = tombstone(below[i])
      if offset ~= oldest - 1 or stored < now - ARGV[4] then
        break
      end
      oldest = offset
    end
  end
  return math.max(oldest, least)
end
