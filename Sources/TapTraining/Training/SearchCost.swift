// A rough model of the time that a search for C takes.

import TapLinear
import TapSettings

/// The size of the search for one column, and the search's time.
///
/// The search has n rows to fit to, d dimensions and k classes. m is min(n, d): if there are more columns than rows,
/// inner products of rows replace the columns. The time in nanoseconds of one thread is:
/// ```
/// parts · n · (0.15 d m + values · work · k · (300 + 1.2 m))
/// ```
/// The constants were fitted to processor times in logarithms. The times were measured in searches on 24 layers of
/// EfficientNet-Lite0 on an AMD EPYC. The data were surfaces, clothing, digits and 99 classes of objects, with 230 to
/// 1,188 rows and 24 to 1,280 dimensions. Measured times of single searches were 0.5 to 3 times this estimate, and sums
/// over a data set were 0.9 to 1.6 times this estimate. For each kind of model other than logistic regression under L2,
/// three columns were measured. The times of single columns differed from the estimate by a factor of up to ten.
struct SearchCost: Hashable, Sendable {
  /// The number of rows that the fits of one part use.
  let rows: Int
  let dimensions: Int
  let classes: Int
  /// The number of parts: folds times repeats; 1 for a validation split.
  let parts: Int

  func seconds(_ settings: TrainingSettings, threads: Int) -> Double {
    let (n, d, k) = (Double(rows), Double(dimensions), Double(classes))
    var used = d
    if case .components(let count)? = settings.transform.components?.count { used = min(d, Double(count)) }
    let m = min(n, used)
    let fits = Double(settings.valuesOfC) * Self.work(settings.model) * k * (300 + 1.2 * m)
    return Double(parts) * n * (0.15 * d * m + fits) * 1e-9 / Double(threads)
  }

  /// The work, as a multiple of the work of a logistic regression under L2.
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
