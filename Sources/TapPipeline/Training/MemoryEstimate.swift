// What a training would need, so that one that cannot end is refused before it begins.

import TapFileSystem
import TapKernels
import TapLinear

/// Bytes that training takes beside the features: an upper estimate.
///
/// ```
/// fit side by side    classes · (32 rows + 96 dimensions)       arrays of doubles: four of scores, probabilities and directions,
///                                                               a dozen of weights, gradients and conjugate gradients
///                     classes · (100 rows + 96 dimensions)      of an SVM, whose dual variables come on top
///                     + 20 classes · set²                       under L1 or elastic net: a matrix for each class, of the weights
///                                                               that a step looks at
/// part kept           48 classes · dimensions                   its last two models
///                     + 24 rows²                                at most half as many rows as dimensions: inner products of
///                                                               rows, their factor and the coordinates that it gives
///                     + 4 dimensions² + inverses                at least three times as many rows as dimensions, under L2:
///                                                               the second moments of columns, and what they precondition by
///                     + 4 rows · dimensions, up to 256 MB       columns far from 0 are moved in a copy; larger ones are not
///                     + 4 rows · components                     projected features
/// once                4 rows · dimensions                       normalised rows are a copy
/// ```
/// Each repeat of each fold is a part: all are kept until the last C. Measured: 1.1 GB for a logistic regression of (20,000
/// rows, 1,000 classes, 16 dimensions) with two fits at a time, of which this says 1.3 GB.
package struct MemoryEstimate {
  /// More classes than this are refused: their confusion matrix alone has 10⁸ counts, and a dense weight vector for each is
  /// the wrong model.
  static let classLimit = 10_000

  let rows: Int
  let classes: Int
  let dimensions: Int
  /// Fits side by side.
  let fits: Int
  /// Folds times repeats; 1 for a validation split.
  let parts: Int
  let kind: ClassifierKind
  let penalty: Penalty
  let transform: FeatureTransform

  package init(
    rows: Int, classes: Int, dimensions: Int, fits: Int, parts: Int, kind: ClassifierKind = .logistic,
    penalty: Penalty = .l2, transform: FeatureTransform = .none
  ) {
    self.rows = rows
    self.classes = classes
    self.dimensions = dimensions
    self.fits = fits
    self.parts = parts
    self.kind = kind
    self.penalty = penalty
    self.transform = transform
  }

  package var bytes: Double {
    let (n, k) = (Double(rows), Double(classes))
    // Solvers see components in place of columns.
    let used = transform.components.map(order) ?? dimensions
    let d = Double(used)
    var fit = k * ((kind == .svm ? 100 : 32) * n + 96 * d)
    if penalty.absolute > 0, kind.isRegularized {
      let set = Double(
        PenalizedObjective<SoftmaxLoss>.largestWorkingSet(rows: rows, columns: used, penalty: penalty))
      fit += 20 * k * set * set
    }
    var part = 48 * k * d
    if kind.isRegularized, n * d <= Double(ConditionedColumns.largestCount) { part += 4 * n * d }
    if penalty == .l2, kind.isRegularized {
      if 2 * rows <= used, rows <= GramMatrix.largestCount {
        part += 24 * n * n
      } else if rows >= 3 * used, used <= ColumnMoments.largestCount {
        part += 4 * d * d + ColumnMoments.inverseBytes(columns: used)
      }
    }
    var once = 0.0
    if transform.normalizesRows { once += 4 * n * Double(dimensions) }
    if transform.components != nil {
      let order = Double(min(rows, dimensions))
      fit += 32 * order * order
      part += 4 * n * d
    }
    return Double(fits) * fit + Double(parts) * part + once
  }

  /// At most so many components.
  private func order(_ components: PrincipalComponents) -> Int {
    switch components.count {
    case .components(let count): min(count, rows, dimensions)
    case .variance: min(rows, dimensions)
    }
  }

  /// Refuses what cannot be trained on this machine.
  ///
  /// - Throws: ``TrainingError/tooManyClasses(_:limit:)``, ``TrainingError/tooLarge(rows:classes:dimensions:bytes:memory:)``.
  package func check(memory: Int? = Environment.physicalMemory) throws(TrainingError) {
    guard classes <= Self.classLimit else { throw .tooManyClasses(classes, limit: Self.classLimit) }
    let needed = bytes
    guard let memory, needed > Double(memory) else { return }
    throw .tooLarge(
      rows: rows, classes: classes, dimensions: dimensions, bytes: Int(min(needed, 1e18)), memory: memory)
  }
}
