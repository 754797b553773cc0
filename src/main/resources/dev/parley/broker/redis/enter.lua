--   ARGV 6 username, 7 the incarnation that had the user here before this one did, or empty
-- Answers whether it was announced: nobody had the user there before.
local user = find(ARGV[1])
if user then
  if not user.at[ARGV[2]] or user.at[ARGV[7]] then
    user.at[ARGV[7]] = nil
    user.at[ARGV[2]] = 1
    redis.call('HSET', KEYS[2], ARGV[1], cjson.encode(user))
  end
  return 0
end
return announce(ARGV[1], ARGV[6], 1,
  cjson.encode({since = ARGV[3], username = ARGV[6], at = {[ARGV[2]] = 1}}))
