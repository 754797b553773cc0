-- The head of the scripts that change who is in a room. Whoever makes the change announces it.
--   KEYS 1 m, 2 p
--   ARGV 1 user, 2 incarnation, 3 timestamp in ms, 4 ms until an idle room is forgotten, 5 channel
local LARGE_ABOVE, SMALL_BELOW = 1000, 800

-- What is stored of a user, nil where the user is not in the room.
local function find(id)
  local stored = redis.call('HGET', KEYS[2], id)
  return stored and cjson.decode(stored)
end

-- Writes the user's entry, nil where the user is gone, and tells the room. The version is the first
-- write: one that Redis can refuse, as it cannot refuse a removal when it is out of memory.
local function announce(id, username, joined, entry)
  local members = redis.call('HLEN', KEYS[2]) + (entry and 1 or -1)
  local room = redis.call('HMGET', KEYS[1], 'lg', 'e', 'o')
  local version = redis.call('HINCRBY', KEYS[1], 'pv', 1)
  local large = room[1] == '1'
  if large ~= (members > LARGE_ABOVE or (large and members >= SMALL_BELOW)) then
    large = not large
    redis.call('HSET', KEYS[1], 'lg', large and '1' or '0')
  end
  local idle = life(tonumber(room[3] or '0'), ARGV[4])
  redis.call('PEXPIRE', KEYS[1], idle)
  if entry then
    redis.call('HSET', KEYS[2], id, entry)
  end
  redis.call('PEXPIRE', KEYS[2], idle)
  if not entry then
    -- The last one takes the key along: nothing may need it behind this.
    redis.call('HDEL', KEYS[2], id)
  end
  local told = struct.pack('>I8BBI4I8', tonumber(ARGV[3]), joined, large and 1 or 0, members,
    version) .. struct.pack('B', #id) .. id .. struct.pack('>I2', #username) .. username
  redis.pcall('PUBLISH', ARGV[5], struct.pack('>BB', 1, 3) .. (room[2] or string.rep('\0', 16))
    .. struct.pack('>I8I2I4', 0, 1, #told) .. told)
  return 1
end

-- The incarnation has the user here no longer. Answers whether it was announced: nobody has the user
-- there any more.
local function remove(id, user, incarnation)
  user.at[incarnation] = nil
  if next(user.at) then
    redis.call('HSET', KEYS[2], id, cjson.encode(user))
    return 0
  end
  return announce(id, user.username, 0, nil)
end
