
   One file for all. Include it where you use it; in exactly one C (or C++) file define LEXPORT_IMPLEMENTATION before:

       #define LEXPORT_IMPLEMENTATION
       #include "THIS_FILE"

   or define LEXPORT_STATIC too, and it is all of that file alone. C99, nothing but <stddef.h> and <stdint.h>, no allocation, no
   state: any number of threads may call anything.

       lexport_inputs in = {0};
       in.FIELD = ...;
       int32_t outcome = lexport_decide_DECISION(&in);
       if (outcome < 0) refuse(lexport_bad_input(outcome));

   With LEXPORT_SELF_TEST defined there is lexport_self_test, which asks the check vectors. */

#ifndef LEXPORT_H
#define LEXPORT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef LEXPORT_API
#ifndef LEXPORT_STATIC
#define LEXPORT_API extern
#elif defined(__GNUC__)
#define LEXPORT_API __attribute__((unused)) static
#else
#define LEXPORT_API static
#endif
#endif

