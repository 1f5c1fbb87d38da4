# One set of warnings for GCC and Clang, all of them errors; and the hardening of the release binary.

add_compile_options(
  -Wall -Wextra -Werror -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla -Wformat=2
  -fno-strict-aliasing -fno-common -fvisibility=hidden)

# Paths of the machine that builds do not belong into the binary.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)

if(NOT SOSIE_SANITIZE AND NOT SOSIE_FUZZ)
  add_compile_options(-fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-fcf-protection)
  endif()
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  endif()
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_link_options(-pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack)
