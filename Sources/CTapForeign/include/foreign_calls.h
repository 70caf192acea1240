// Parts of the calls of the C face that need C: the text of a thread's last error, and what is needed after a fork.
#ifndef TAP_FOREIGN_CALLS_H
#define TAP_FOREIGN_CALLS_H

#include <stddef.h>
#include <stdint.h>

// Begins a call. Calls may be nested. Returns 0 if this process was forked while a thread was in a call: locks may be
// held by threads that do not exist. Every successful begin needs an end.
int32_t lt_begin_call(void);
void lt_end_call(void);

// Whether this process was forked during a call.
int32_t lt_is_forked_in_call(void);

// Runs a function on a thread that Swift's locks know by its right number, and returns when the function has returned.
// That is the calling thread, except for the thread that was forked: the Swift runtime keeps the number that this
// thread had in the parent process, and a lock that it shares with another thread would never be released. For this
// thread the function runs on a new thread. Returns 0 if no thread could be started.
int32_t lt_run(void (*_Nonnull function)(void *_Nullable context), void *_Nullable context);

// Calls a progress function on the thread that called lt_run, or on the calling thread outside lt_run.
int32_t lt_report(
    int32_t (*_Nonnull progress)(void *_Nullable context, int32_t stage, size_t done, size_t total),
    void *_Nullable context, int32_t stage, size_t done, size_t total);

// Keeps a text as the calling thread's last error. A text that is too long is cut before a character.
void lt_set_error(const char *_Nullable text, size_t size);

// The calling thread's last error, with a zero at its end.
const char *_Nonnull lt_last_error(void);

#endif
