// Answers the instruction `cpuid` without AVX-512 and AMX, for engines that have no option that keeps them to AVX2.
// avx2_copies.py makes copies of their libraries in which `ud2` replaces `cpuid`. This library is preloaded into the
// engine's process. It catches the signal of `ud2`, asks the processor, and removes the features from the answer.
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

static volatile int answers;

// The number of answers from which features were removed.
int avx2_answers(void) { return answers; }

// Leaf 7 of AMD's and Intel's manuals. AVX-512: F, DQ, IFMA, PF, ER, CD, BW, VL; VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ;
// 4VNNIW, 4FMAPS, VP2INTERSECT, FP16. AMX: BF16, TILE, INT8.
static const uint32_t removed_b = 1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31;
static const uint32_t removed_c = 1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14;
static const uint32_t removed_d = 1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25;

static void answer(int number, siginfo_t *information, void *context) {
  (void)information;
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  const uint8_t *instruction = (const uint8_t *)registers[REG_RIP];
  if (instruction[0] != 0x0f || instruction[1] != 0x0b) {
    signal(number, SIG_DFL);
    return;
  }
  const uint32_t leaf = (uint32_t)registers[REG_RAX], part = (uint32_t)registers[REG_RCX];
  uint32_t a, b, c, d;
  __cpuid_count(leaf, part, a, b, c, d);
  if (leaf == 7 && part == 0) {
    b &= ~removed_b, c &= ~removed_c, d &= ~removed_d;
    answers++;
  }
  // Part 1 of leaf 7: BF16 of AVX-512, AMX with FP16.
  if (leaf == 7 && part == 1) a &= ~(1u << 5 | 1u << 21);
  registers[REG_RAX] = a, registers[REG_RBX] = b, registers[REG_RCX] = c, registers[REG_RDX] = d;
  registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void install(void) {
  struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGILL, &action, 0);
}
