// The kernels of one instruction set behind one table, chosen once at the top and passed down.

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

  /// Floats in a vector; a panel of packed weights is twice as wide.
  package var vectorWidth: Int { table.vector_width }

  /// Output pixels of a full dense tile.
  package var tileRows: Int { table.gemm_rows }
}
