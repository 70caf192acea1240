// A rough model of the time that a search for C takes.

import TapLinear
import TapSettings

/// The size of the search for one column, and its time.
///
/// With n rows to fit to, d dimensions, k classes, and m = min(n, d), since inner products of rows replace the columns
/// if columns are more, in nanoseconds of one thread:
/// ```
/// parts · n · (0.15 d m + values · work · k · (300 + 1.2 m))
/// ```
/// The constants were fitted, in logarithms, to the processor time of searches on 24 layers of EfficientNet-Lite0
/// (surfaces, clothing, digits, 99 classes of objects; 230 to 1,188 rows, 24 to 1,280 dimensions) on an AMD EPYC.
/// Measured times were 0.5 to 3 times this estimate, sums over a set 0.9 to 1.6 times. For kinds other than the
/// logistic regression under L2, three columns each were measured; single ones differed by a factor of ten.
struct SearchCost: Hashable, Sendable {
  /// The number of rows that one part fits to.
  let rows: Int
  let dimensions: Int
  let classes: Int
  /// Folds times repeats; 1 for a validation split.
  let parts: Int

  func seconds(_ settings: TrainingSettings, threads: Int) -> Double {
    let (n, d, k) = (Double(rows), Double(dimensions), Double(classes))
    var used = d
    if case .components(let count)? = settings.transform.components?.count { used = min(d, Double(count)) }
    let m = min(n, used)
    let fits = Double(settings.valuesOfC) * Self.work(settings.model) * k * (300 + 1.2 * m)
    return Double(parts) * n * (0.15 * d * m + fits) * 1e-9 / Double(threads)
  }

  /// The work relative to a logistic regression under L2.
  private static func work(_ model: TrainingSettings.Model) -> Double {
    switch model {
    case .nearestMean: 0.05
    case .svm(let svm):
      switch (svm.loss, svm.penalty) {
      case (.squaredHinge, .l2): 1.5
      case (.squaredHinge, _): 5
      case (.hinge, _): 4
      case (.crammerSinger, _): 20
      }
    case .logistic(let logistic):
      switch logistic.penalty {
      case .l2: logistic.solver == .lbfgs ? 4 : 1
      case .none: 4
      default: 30
      }
    }
  }

  static func folds(_ settings: TrainingSettings, rows: Int) -> Int { max(2, min(settings.folds, rows)) }
}
