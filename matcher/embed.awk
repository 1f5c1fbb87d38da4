# A text file -> shipped_model[], one string literal per line, a final NUL.
BEGIN {
    print "/* Generated from the shipped model by matcher/embed.awk. */"
    print "static const char shipped_model[] ="
}
{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    print "\"" $0 "\\n\""
}
END { print ";" }
