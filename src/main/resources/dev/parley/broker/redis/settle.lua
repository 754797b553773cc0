-- The head of the scripts that read or write a room's log. It writes nothing, so that what follows
-- can still be refused whole. Redis asks whether it has memory, replicas and a disk before a
-- script's first write and never after it, and rolls nothing back. So the first write is one that
-- Redis refuses for each of these (HSET, XADD, ZADD, HINCRBY, and not UNLINK, HDEL, XTRIM or
-- PEXPIRE, which it takes without memory), and a key that is deleted is created again before the
-- first write that cannot be taken back: while its slot moves to another node, that fails.
--   KEYS 1 m, 2 s, 3 d0, 4 d1
--   ARGV 1 the caller's generation, 2 sixteen random bytes, 3 history size, 4 retention in ms,
--        5 ms until an idle room is forgotten
local function text(number)
  return string.format('%.0f', number)
end

local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local room = redis.call('HMGET', KEYS[1], 'e', 'g', 'o', 'l', 'x', 'b', 'y')
local epoch = room[1]
local head = tonumber(room[3] or '0')
local lineage = room[4] or ''
local trimAt = tonumber(room[5] or '0')
-- Bytes that the room's messages ever had, and those of them before the oldest that is kept.
local total, trimmed = tonumber(room[6] or '0'), tonumber(room[7] or '0')
-- settled: the epoch is new and not yet written; lost: there is nothing that it continues.
local settled = false
local lost = not epoch

if lost or room[2] ~= ARGV[1] then
  local current = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  if current ~= ARGV[1] then
    return redis.error_reply('STALE ' .. current)
  end
  if lost then
    head, lineage, total, trimmed = 0, '', 0, 0
  else
    lineage = string.sub(epoch .. struct.pack('>I8', head) .. lineage, 1, 8 * 24)
  end
  epoch = ARGV[2]
  settled = true
end

-- A first write that changes nothing, for what begins with deletions.
local function claim()
  redis.call('HSET', KEYS[1], 'x', text(trimAt))
end

local function forget()
  if lost then
    trimAt = 0
    claim()
    redis.call('PEXPIRE', KEYS[1], life(0, ARGV[5]))
    redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[4])
  end
end

local function keep()
  if settled then
    redis.call('HSET', KEYS[1], 'e', epoch, 'g', ARGV[1], 'o', text(head), 'l', lineage,
      'x', text(trimAt), 'b', text(total), 'y', text(trimmed))
  else
    redis.call('HSET', KEYS[1], 'o', text(head), 'x', text(trimAt), 'b', text(total),
      'y', text(trimmed))
  end
  redis.call('PEXPIRE', KEYS[1], life(head, ARGV[5]))
end

local function offsetOf(entry)
  return tonumber(string.match(entry[1], '^(%d+)'))
end

local function field(entry, name)
  local fields = entry[2]
  for i = 1, #fields, 2 do
    if fields[i] == name then
      return tonumber(fields[i + 1])
    end
  end
end

local function firstFrom(id)
  return redis.call('XRANGE', KEYS[2], id, '+', 'COUNT', 1)[1]
end

local function isOld(entry, bound)
  local stored = field(entry, 't')
  return not stored or stored < bound, stored or 0
end

-- Removes the entries up to the last one for which this holds, as it does for the first (by halving:
-- an entry may be large), and answers the first that is left. Where Redis refuses the removal, as a
-- script's first write, what is too much is left there and not looked at.
local function cut(first, holds)
  local gone, kept = offsetOf(first), head + 1
  while kept - gone > 1 do
    local middle = math.floor((gone + kept) / 2)
    local entry = firstFrom(text(middle))
    if entry and offsetOf(entry) < kept and holds(entry) then
      gone = offsetOf(entry)
    else
      kept = middle
    end
  end
  redis.pcall('XTRIM', KEYS[2], 'MINID', text(kept))
  return firstFrom(text(kept))
end

-- Removes what is older than the retention and answers the offset of the oldest that is left,
-- head + 1 where none is.
local function trim(now)
  local bound = now - ARGV[4]
  local first = firstFrom('-')
  if not first then
    trimAt = 0
    return head + 1
  end
  local old, stored = isOld(first, bound)
  if not old then
    trimAt = stored + ARGV[4]
    return offsetOf(first)
  end
  local left = cut(first, function(entry)
    return (isOld(entry, bound))
  end)
  -- When the oldest of the rest is due is not known without reading it: the next call looks.
  trimAt = 0
  return left and offsetOf(left) or head + 1
end

-- Removes the oldest messages where there are more bytes than that, down to an eighth below it, so
-- that it is not for each message that entries have to be read; the newest stays if it fits alone.
-- What an earlier version stored has no count, and goes first.
local function trimBytes(most, newest)
  local first = firstFrom('-')
  trimmed = first and (field(first, 'c') or 0) or total
  if total - trimmed > most then
    local left = math.max(most - math.floor(most / 8), newest <= most and newest or 0)
    first = cut(first, function(entry)
      return total - (field(entry, 'c') or 0) > left
    end)
    trimmed = first and field(first, 'c') or total
  end
end
