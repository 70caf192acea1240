// The compression function of SHA-256 (FIPS 180-4, section 6.2.2), computed by the processor's SHA instructions.
#ifndef TAP_SHA256_H
#define TAP_SHA256_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// Whether this machine has the SHA instructions.
int lt_has_sha(void);

// `state`: the eight words a ... h; `constants`: the 64 round constants; `data`: 64 * `blocks` bytes. The function
// needs the SHA instructions. It exists only on x86-64.
#if defined(__x86_64__)
void lt_sha256_compress__sha(
    uint32_t *state, const uint32_t *constants, const uint8_t *data, size_t blocks);
#endif

#pragma clang assume_nonnull end

#endif
