// What a training would need, so that one that cannot end is refused before it begins.

import TapFileSystem
import TapKernels
import TapLinear

/// Bytes that fitting takes beside the features.
enum MemoryEstimate {
  /// More classes than this are refused: their confusion matrix alone has 10⁸ counts, and a dense weight vector for each is
  /// the wrong model.
  static let classLimit = 10_000

  /// An upper estimate for fits that run side by side: about four arrays of doubles `[rows, classes]` (scores,
  /// probabilities, directions) and a dozen `[classes, dimensions]` (weights, gradient, conjugate gradients) each.
  ///
  /// Measured: 1.1 GB for (20,000 rows, 1,000 classes, 16 dimensions) with two fits at a time, of which this says 1.3 GB.
  ///
  /// Normalised rows are a copy of the features. Principal components take four square matrices of doubles, as long as the
  /// smaller of rows and columns, and their rows.
  static func bytes(rows: Int, classes: Int, dimensions: Int, fits: Int, transform: FeatureTransform = .none)
    -> Double
  {
    var bytes = Double(fits) * 8 * Double(classes) * (4 * Double(rows) + 12 * Double(dimensions))
    if transform.normalizesRows { bytes += 4 * Double(rows) * Double(dimensions) }
    if transform.components != nil {
      let order = Double(min(rows, dimensions))
      bytes += Double(fits) * (32 * order * order + 4 * Double(rows) * order)
    }
    return bytes
  }

  /// Refuses what cannot be trained on this machine.
  ///
  /// - Throws: ``TrainingError/tooManyClasses(_:limit:)``, ``TrainingError/tooLarge(rows:classes:dimensions:bytes:memory:)``.
  static func check(
    rows: Int, classes: Int, dimensions: Int, fits: Int, transform: FeatureTransform = .none,
    memory: Int? = Environment.physicalMemory
  ) throws(TrainingError) {
    guard classes <= classLimit else { throw .tooManyClasses(classes, limit: classLimit) }
    let needed = bytes(rows: rows, classes: classes, dimensions: dimensions, fits: fits, transform: transform)
    guard let memory, needed > Double(memory) else { return }
    throw .tooLarge(
      rows: rows, classes: classes, dimensions: dimensions, bytes: Int(min(needed, 1e18)), memory: memory)
  }
}
