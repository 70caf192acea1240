// The kernels of one instruction set in one table, chosen once at the top and passed down.

import CTapKernels

/// The microkernels of one instruction set.
///
/// Conventions of every kernel: `tap_kernels.h`.
@safe package struct KernelSet: Sendable {
  package let instructionSet: InstructionSet
  package let table: lt_kernel_table

  /// - Precondition: this machine runs `instructionSet`.
  package init(_ instructionSet: InstructionSet) {
    precondition(instructionSet.isAvailable, "this machine has no \(instructionSet.rawValue)")
    self.instructionSet = instructionSet
    let compiled: UnsafePointer<lt_kernel_table>? =
      switch instructionSet {
      case .portable: nil
      case .avx2: unsafe lt_kernels_avx2()
      case .avx512: unsafe lt_kernels_avx512()
      }
    unsafe table = compiled?.pointee ?? PortableKernels.table
  }

  /// Floats in a vector.
  package var vectorWidth: Int { table.vector_width }

  /// The largest tile of the dense kernel for any number of outputs.
  package var denseTile: DenseTile { DenseTile(rows: table.gemm_rows, vectors: 2, vectorWidth: vectorWidth) }

  /// A tile of twice the width, for full panels only; nil if the instruction set has none.
  package var wideTile: DenseTile? {
    table.gemm_wide_rows > 0
      ? DenseTile(rows: table.gemm_wide_rows, vectors: 4, vectorWidth: vectorWidth) : nil
  }

  /// The tile for convolutions with this many outputs at this many pixels of an image. A wide tile reads fewer inputs
  /// for each weight, but every weight more often: for few pixels that takes longer.
  package func denseTile(outputs: Int, pixels: Int) -> DenseTile {
    guard let wideTile, outputs % wideTile.columns == 0, pixels >= 128 else { return denseTile }
    return wideTile
  }
}

/// Output pixels and output channels that the dense kernel computes together.
package struct DenseTile: Hashable, Sendable {
  package let rows: Int
  /// Vectors of output channels.
  package let vectors: Int
  /// Floats in a vector.
  package let vectorWidth: Int

  package var columns: Int { vectors * vectorWidth }
}
