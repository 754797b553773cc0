-- An incarnation shows that it is alive.
--   KEYS 1 beats, 2 dead
--   ARGV 1 incarnation, 2 ms until records that nobody renews are forgotten, 3 whether it is new: 1 or 0
-- Answers whether it is alive: 0 where it was declared dead, or Redis has lost it.
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1
  or (ARGV[3] == '0' and redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0) then
  return 0
end
-- The first write: Redis does not refuse it when it is out of memory, nor what follows.
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
