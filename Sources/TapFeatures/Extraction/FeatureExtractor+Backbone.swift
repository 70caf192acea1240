// An extractor of a backbone's features.

import TapBackbone
import TapExtraction
import TapKernels
import TapProvenance

extension FeatureExtractor {
  /// The extractor of `columns` of a backbone.
  ///
  /// - Parameters:
  ///   - columns: columns that ``Backbone/columns(layers:poolings:)`` returned.
  ///   - threads: the number of images computed at once; nil is the number of cores that this process may use. The
  ///     number changes no byte of the store.
  ///   - batch: the number of images in each thread's batch. The number changes no byte of the store.
  ///   - instructionSet: the instruction set of the kernels. The instruction set changes no byte of the store.
  package init(
    backbone: Backbone, columns: [Column], threads: Int? = nil, batch: Int = 1,
    instructionSet: InstructionSet = .best
  ) {
    self.init(
      source: BackboneRows(backbone, batch: batch, instructionSet: instructionSet), columns: columns,
      threads: threads)
    details["instructionSet"] = .string(instructionSet.rawValue)
  }
}
