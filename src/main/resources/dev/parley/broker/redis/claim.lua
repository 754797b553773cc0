-- Declares an incarnation dead whose beat has stood still, or takes over from a reaper that is dead.
--   KEYS 1 beats, 2 dead
--   ARGV 1 the reaper's incarnation, 2 the dead one, 3 the beat at which that stands still, or empty,
--        4 ms until records that nobody renews are forgotten
-- Answers whether the caller is its reaper: one wins.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
  return 0
end
local owner = redis.call('HGET', KEYS[2], ARGV[2])
if owner == ARGV[1] then
  return 1
end
local still = ARGV[3] ~= '' and redis.call('HGET', KEYS[1], ARGV[2]) == ARGV[3]
if not still and (not owner or redis.call('HEXISTS', KEYS[1], owner) == 1) then
  return 0
end
-- The first write: Redis does not refuse it when it is out of memory, nor what follows.
redis.call('HDEL', KEYS[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return 1
