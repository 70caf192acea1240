// The kernels that this machine can run.

import CTapKernels

/// The instruction sets that kernels are written for, weakest first.
///
/// Features are bit-identical across all of them.
public enum InstructionSet: String, Sendable, CaseIterable, Comparable {
  /// Plain Swift: runs everywhere, slowly, and is the reference in tests.
  case portable
  /// x86-64-v3: AVX2 and FMA.
  case avx2
  /// x86-64-v4: AVX-512 F, BW, DQ, VL.
  case avx512

  public static func < (left: Self, right: Self) -> Bool {
    allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
  }

  /// Whether this machine runs it.
  public var isAvailable: Bool {
    switch self {
    case .portable: true
    case .avx2: lt_has_avx2() != 0
    case .avx512: lt_has_avx512() != 0
    }
  }

  /// The instruction sets that this machine runs, weakest first.
  public static var available: [InstructionSet] { allCases.filter(\.isAvailable) }

  /// The strongest instruction set that this machine runs.
  public static var best: InstructionSet { available.last ?? .portable }
}
