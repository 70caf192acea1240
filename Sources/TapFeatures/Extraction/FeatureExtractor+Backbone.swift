// An extractor of a backbone's features.

import TapBackbone
import TapExtraction
import TapKernels
import TapProvenance

extension FeatureExtractor {
  /// An extractor of `columns` of a backbone.
  ///
  /// - Parameters:
  ///   - columns: as ``Backbone/columns(layers:poolings:)`` gives them.
  ///   - threads: the number of images computed at once; nil is the number of cores that this process may use. Changes
  ///     no byte.
  ///   - batch: the number of images in each thread's batch. Changes no byte.
  ///   - instructionSet: the kernels. Changes no byte.
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
