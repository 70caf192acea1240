// The memory of a training. A training that needs too much memory is refused before it begins.

import TapFileSystem
import TapKernels
import TapLinear
import TapTensors

/// The bytes that training needs in addition to the features: an upper estimate.
///
/// ```
/// fit side by side    classes · (48 rows + 96 dimensions)    arrays of doubles: five of scores, probabilities,
///                                                            directions and the path of a line search, one being made;
///                                                            a dozen of weights, gradients
///                     classes · (80 rows + 96 dimensions)    one class against the rest: exact directions
///                     classes · (100 rows + 96 dimensions)   an SVM, with its dual variables
///                     + (20 shards + 16 threads) · weights   sums over shards of rows
///                     + blocks, and work to make them        of classes, which precondition a softmax under L2
///                     + 12 threads · dimensions²             factors and inverses being made
///                     + matrices                             under L1 and elastic net, of the weights that a step
///                                                            changes; of Crammer and Singer's SVM; of L-BFGS, with ten
///                                                            pairs of weights
/// part kept           48 classes · dimensions + 64 rows      its last two models; labels, weights and predictions of
///                                                            rows
///                     + 24 rows²                             at most half as many rows as dimensions: inner products
///                                                            of rows, their factor and the coordinates from it
///                     + 12 rows²                             one class against the rest, up to 3,000 rows and, except
///                                                            for an SVM, as many as columns: inner products
///                     + 4 dimensions² + inverses             at least three times as many rows as dimensions, under
///                                                            L2: the second moments of columns, and their
///                                                            preconditioners
///                     + blocks                               of classes
///                     + 4 rows · dimensions, up to 256 MB    columns far from 0 are shifted in a copy; larger ones are
///                                                            not
///                     + 4 rows · dimensions, up to 8 MB      scaled rows, if there are many outputs
///                     + classes · (8 dimensions² + rows)     one-versus-rest SVMs of few columns
///                     + 8 classes · rows                     the last dual rows of a hinge loss
///                     + 4 rows · components                  projected features
/// once                4 rows · dimensions                    normalized rows are a copy
/// ```
/// Each repeat of each fold is a part. All parts are kept until the fit for the last C. A part has at least half of all
/// rows. A term that needs few rows is counted if some part may have so few rows.
package struct MemoryEstimate {
  /// The maximum number of classes. With more classes, the confusion matrix alone has 10⁸ counts, and a model with a
  /// dense weight vector for each class is the wrong choice.
  static let classLimit = 10_000

  let rows: Int
  let classes: Int
  let dimensions: Int
  /// The number of fits that run side by side.
  let fits: Int
  /// The number of parts: folds times repeats; 1 for a validation split.
  let parts: Int
  /// The settings of the solver. The number of threads in these settings is for all fits together.
  let model: LinearModel

  package init(rows: Int, classes: Int, dimensions: Int, fits: Int, parts: Int, model: LinearModel) {
    self.rows = rows
    self.classes = classes
    self.dimensions = dimensions
    self.fits = fits
    self.parts = parts
    self.model = model
  }

  package var bytes: Double {
    let solvers = SolverMemory(rows: rows, classes: classes, columns: columns, model: model)
    let threads = max(1, model.threads / max(1, fits))
    var (fit, part, once) = (solvers.fitBytes(threads: threads), solvers.partBytes, 0.0)
    let n = Double(rows)
    if model.transform.normalizesRows { once += 4 * n * Double(dimensions) }
    if model.transform.components != nil {
      let order = Double(min(rows, dimensions))
      fit += 32 * order * order
      part += 4 * n * Double(columns)
    }
    return Double(fits) * fit + Double(parts) * part + once
  }

  /// The number of columns that solvers use. With principal components, this is the maximum number of components.
  private var columns: Int {
    switch model.transform.components?.count {
    case nil: dimensions
    case .components(let count): min(count, rows, dimensions)
    case .variance: min(rows, dimensions)
    }
  }

  /// Throws an error if this machine cannot run the training.
  ///
  /// - Throws: ``TrainingError/tooManyClasses(_:limit:)``,
  ///   ``TrainingError/tooLarge(rows:classes:dimensions:bytes:memory:)``.
  package func check(memory: Int? = Environment.physicalMemory) throws(TrainingError) {
    guard classes <= Self.classLimit else { throw .tooManyClasses(classes, limit: Self.classLimit) }
    let needed = bytes
    guard let memory, needed > Double(memory) else { return }
    throw .tooLarge(
      rows: rows, classes: classes, dimensions: dimensions, bytes: Int(min(needed, 1e18)), memory: memory)
  }
}
