// Loads and stores of all lanes of a vector or of the lanes of a mask.

static inline __attribute__((always_inline)) VECTOR NAME(load)(const float *from, MASK mask, int full) {
  return full ? LOAD_ALL(from) : LOAD(from, mask);
}

static inline __attribute__((always_inline)) void NAME(store)(float *to, VECTOR value, MASK mask, int full) {
  if (full)
    STORE_ALL(to, value);
  else
    STORE(to, value, mask);
}
