# SOSIE_SANITIZE=address brings UBSan too; thread stands alone. SOSIE_FUZZ (Clang) instruments for libFuzzer.

if(SOSIE_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "SOSIE_FUZZ needs Clang: configure with -DCMAKE_C_COMPILER=clang")
  endif()
  set(sosie_sanitize_flags -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
elseif(SOSIE_SANITIZE STREQUAL "address")
  set(sosie_sanitize_flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
elseif(SOSIE_SANITIZE STREQUAL "thread")
  set(sosie_sanitize_flags -fsanitize=thread -fno-omit-frame-pointer)
elseif(SOSIE_SANITIZE)
  message(FATAL_ERROR "SOSIE_SANITIZE is address, thread or empty, not \"${SOSIE_SANITIZE}\"")
endif()

if(sosie_sanitize_flags)
  add_compile_options(${sosie_sanitize_flags})
  add_link_options(${sosie_sanitize_flags})
  # What GCC guesses from data flow goes wrong when the sanitizers' code lies between; the release build has these warnings.
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-format-truncation -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds)
  endif()
endif()
