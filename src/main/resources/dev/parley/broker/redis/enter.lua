--   ARGV 6 username
-- Answers whether it was announced: nobody had the user there before.
if user then
  if not user.at[ARGV[2]] then
    user.at[ARGV[2]] = 1
    redis.call('HSET', KEYS[2], ARGV[1], cjson.encode(user))
  end
  return 0
end
return announce(ARGV[6], 1,
  cjson.encode({since = ARGV[3], username = ARGV[6], at = {[ARGV[2]] = 1}}))
