// A table of the kernels of one instruction set. The instruction set is chosen once, and the table is passed to all
// code that calls kernels.

import CTapKernels

/// The microkernels of one instruction set.
///
/// `tap_kernels.h` describes the conventions of all kernels.
@safe package struct KernelSet: Sendable {
  package let instructionSet: InstructionSet
  package let table: lt_kernel_table

  /// - Precondition: this machine can run `instructionSet`.
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

  /// The number of floats in a vector.
  package var vectorWidth: Int { table.vector_width }

  /// The largest tile of the dense kernel that can compute any number of outputs.
  package var denseTile: DenseTile { DenseTile(rows: table.gemm_rows, vectors: 2, vectorWidth: vectorWidth) }

  /// A tile that is twice as wide as ``denseTile``, for full panels only; nil if the instruction set has no such tile.
  package var wideTile: DenseTile? {
    table.gemm_wide_rows > 0
      ? DenseTile(rows: table.gemm_wide_rows, vectors: 4, vectorWidth: vectorWidth) : nil
  }

  /// The tile for convolutions with `outputs` output channels at `pixels` output pixels of an image. A wide tile reads
  /// fewer inputs for each weight, but reads every weight more often. With few pixels the wide tile takes longer.
  package func denseTile(outputs: Int, pixels: Int) -> DenseTile {
    guard let wideTile, outputs % wideTile.columns == 0, pixels >= 128 else { return denseTile }
    return wideTile
  }
}

/// The output pixels and the output channels that the dense kernel computes together.
package struct DenseTile: Hashable, Sendable {
  package let rows: Int
  /// The number of vectors of output channels.
  package let vectors: Int
  /// The number of floats in a vector.
  package let vectorWidth: Int

  package var columns: Int { vectors * vectorWidth }
}
