-- The id of a person by number, as 32 hexadecimal digits (people.py: number_id). Exact up to 3 000 000.
return function(n)
   local moment = 1735689600409 + n * 20000
   local far = n * 2654435761
   return string.format(
      "%08x%04x7%03x8%03x%04x%08x", math.floor(moment / 65536), moment % 65536, n * 7919 % 4096,
      math.floor(far / 281474976710656), math.floor(far / 4294967296) % 65536, far % 4294967296
   )
end
