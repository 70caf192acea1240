#include "foreign_calls.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

// MARK: - Errors

// Fixed memory, because memory that is allocated for a thread would have to be freed when the thread ends.
static _Thread_local char last_error[4096];

void lt_set_error(const char *text, size_t size) {
  if (size >= sizeof last_error) {
    size = sizeof last_error - 1;
    // The first byte that is left out must not continue a character.
    while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80) size--;
  }
  if (size > 0) memcpy(last_error, text, size);
  last_error[size] = 0;
}

const char *lt_last_error(void) { return last_error; }

// MARK: - Forks

static _Thread_local int depth;
static _Thread_local int is_forked_thread;
static atomic_int threads_in_calls;
static atomic_int is_forked_in_call;

static void in_child(void) {
  is_forked_thread = 1;
  if (atomic_load(&threads_in_calls) > 0) atomic_store(&is_forked_in_call, 1);
}

__attribute__((constructor)) static void watch_forks(void) { pthread_atfork(NULL, NULL, in_child); }

int32_t lt_is_forked_in_call(void) { return atomic_load(&is_forked_in_call); }

int32_t lt_begin_call(void) {
  if (lt_is_forked_in_call()) return 0;
  if (depth++ == 0) atomic_fetch_add(&threads_in_calls, 1);
  return 1;
}

void lt_end_call(void) {
  if (--depth == 0) atomic_fetch_sub(&threads_in_calls, 1);
}

// MARK: - Threads

typedef int32_t (*progress_function)(void *context, int32_t stage, size_t done, size_t total);

// A forked thread that waits for a new thread, and the progress that the new thread wants to report on it.
typedef struct {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  void (*function)(void *context);
  void *context;
  int has_ended;
  progress_function progress;  // NULL if there is nothing to report
  void *progress_context;
  int32_t stage, answer;
  size_t done, total;
} Service;

// The service of a new thread.
static _Thread_local Service *service;

static void *serve(void *argument) {
  service = argument;
  service->function(service->context);
  pthread_mutex_lock(&service->mutex);
  service->has_ended = 1;
  pthread_cond_broadcast(&service->changed);
  pthread_mutex_unlock(&service->mutex);
  return NULL;
}

int32_t lt_run(void (*function)(void *context), void *context) {
  if (!is_forked_thread) {
    function(context);
    return 1;
  }
  Service mine = {.function = function, .context = context};
  pthread_mutex_init(&mine.mutex, NULL);
  pthread_cond_init(&mine.changed, NULL);
  pthread_t thread;
  const int has_started = pthread_create(&thread, NULL, serve, &mine) == 0;
  if (has_started) {
    pthread_mutex_lock(&mine.mutex);
    while (!mine.has_ended) {
      if (mine.progress) {
        const progress_function progress = mine.progress;
        pthread_mutex_unlock(&mine.mutex);
        const int32_t answer = progress(mine.progress_context, mine.stage, mine.done, mine.total);
        pthread_mutex_lock(&mine.mutex);
        mine.answer = answer;
        mine.progress = NULL;
        pthread_cond_broadcast(&mine.changed);
        // If the progress function forked, the new thread does not exist here.
        if (lt_is_forked_in_call()) break;
      } else {
        pthread_cond_wait(&mine.changed, &mine.mutex);
      }
    }
    pthread_mutex_unlock(&mine.mutex);
    if (mine.has_ended) pthread_join(thread, NULL);
  }
  if (!has_started || mine.has_ended) {
    pthread_cond_destroy(&mine.changed);
    pthread_mutex_destroy(&mine.mutex);
  }
  return has_started && mine.has_ended;
}

int32_t lt_report(progress_function progress, void *context, int32_t stage, size_t done, size_t total) {
  Service *const waiting = service;
  if (!waiting) return progress(context, stage, done, total);
  pthread_mutex_lock(&waiting->mutex);
  waiting->progress = progress;
  waiting->progress_context = context;
  waiting->stage = stage;
  waiting->done = done;
  waiting->total = total;
  pthread_cond_broadcast(&waiting->changed);
  while (waiting->progress) pthread_cond_wait(&waiting->changed, &waiting->mutex);
  const int32_t answer = waiting->answer;
  pthread_mutex_unlock(&waiting->mutex);
  return answer;
}
