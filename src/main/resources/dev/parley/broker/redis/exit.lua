-- Answers whether it was announced: nobody has the user there any more.
local user = find(ARGV[1])
if not user or not user.at[ARGV[2]] then
  return 0
end
return remove(ARGV[1], user, ARGV[2])
