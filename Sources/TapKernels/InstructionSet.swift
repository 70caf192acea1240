// The kernels that this machine can run.

import CTapKernels

/// The instruction sets for which kernels are written, from the weakest to the strongest.
///
/// Features are bit-identical with all of them.
public enum InstructionSet: String, Sendable, CaseIterable, Comparable {
  /// Plain Swift. It runs on every machine, but slowly, and is the reference in tests.
  case portable
  /// x86-64-v3: AVX2 and FMA.
  case avx2
  /// x86-64-v4: AVX-512 F, BW, DQ, VL.
  case avx512

  public static func < (left: Self, right: Self) -> Bool {
    allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
  }

  /// Whether this machine can run the kernels of this instruction set.
  public var isAvailable: Bool {
    switch self {
    case .portable: true
    case .avx2: lt_has_avx2() != 0
    case .avx512: lt_has_avx512() != 0
    }
  }

  /// The instruction sets that this machine can run, from the weakest to the strongest.
  public static var available: [InstructionSet] { allCases.filter(\.isAvailable) }

  /// The strongest instruction set that this machine can run.
  public static var best: InstructionSet { available.last ?? .portable }
}
