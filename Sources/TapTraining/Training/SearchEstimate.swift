// The cost of the choice of C, computed before the choice begins. The cost is a maximum number of fits and a rough
// time; both are computed from sizes alone.

import TapLinear
import TapSelection
import TapSettings

/// The maximum number of fits for the choice of C, and the rough time of these fits.
public struct SearchEstimate: Hashable, Sendable {
  /// The searches of all columns under one kind of model.
  package struct Part: Hashable, Sendable {
    package let settings: TrainingSettings
    /// The number of columns to search.
    package let columns: Int
    /// The number of further columns whose choice of C is known.
    package let known: Int
    /// The number of further columns that hold the same numbers as another column.
    package let equal: Int
    /// The number of parts: folds times repeats; 1 for a validation split.
    package let parts: Int
    package let isCrossValidated: Bool
    package let seconds: Double
    /// The maximum number of fits of nested cross-validation around the search.
    package let nestedFits: Int
    package let nestedSeconds: Double
    /// Whether the columns are combinations of columns.
    package var isOfCombinations = false

    package var fits: Int { columns * fitsOfColumn }

    /// The maximum number of fits of the search for one column.
    package var fitsOfColumn: Int { parts * settings.valuesOfC }
  }

  package private(set) var all: [Part] = []

  /// Adds up searches under several kinds of model, which run one after the other.
  package init(_ estimates: [SearchEstimate]) { all = estimates.flatMap(\.all) }

  /// The same searches, as searches of combinations of columns.
  package var ofCombinations: SearchEstimate {
    var result = self
    for index in all.indices { result.all[index].isOfCombinations = true }
    return result
  }

  /// Creates an estimate.
  ///
  /// - Parameters:
  ///   - dimensions: the dimensions of each column to search.
  ///   - known: the number of columns whose choice of C is known.
  ///   - equal: the number of columns that hold the same numbers as another column.
  ///   - rows: the number of training items.
  ///   - isCrossValidated: whether folds of the training items judge, instead of a validation split.
  package init(
    _ settings: TrainingSettings, dimensions: [Int], known: Int = 0, equal: Int = 0, rows: Int,
    classes: Int, isCrossValidated: Bool, threads: Int
  ) {
    func seconds(_ rows: Int) -> Double {
      let folds = SearchCost.folds(settings, rows: rows)
      return dimensions.reduce(0) { total, dimensions in
        let cost = SearchCost(
          rows: isCrossValidated ? rows * (folds - 1) / folds : rows, dimensions: dimensions,
          classes: classes, parts: isCrossValidated ? folds * settings.repeats : 1)
        return total + cost.seconds(settings, threads: threads)
      }
    }
    let folds = SearchCost.folds(settings, rows: rows)
    let parts = isCrossValidated ? folds * settings.repeats : 1
    let isNested = settings.isNested && isCrossValidated
    let columns = dimensions.count + known
    all = [
      Part(
        settings: settings, columns: dimensions.count, known: known, equal: equal, parts: parts,
        isCrossValidated: isCrossValidated, seconds: seconds(rows),
        nestedFits: isNested ? folds * columns * parts * settings.valuesOfC : 0,
        nestedSeconds: isNested ? Double(folds) * seconds(rows * (folds - 1) / folds) : 0)
    ]
  }

  /// The maximum number of fits, without the fits of nested cross-validation.
  public var fits: Int { all.reduce(0) { $0 + $1.fits } }

  /// The rough time in seconds, without nested cross-validation.
  public var seconds: Double { all.reduce(0) { $0 + $1.seconds } }

  /// The rough time of nested cross-validation in seconds; 0 without nested cross-validation.
  public var nestedSeconds: Double { all.reduce(0) { $0 + $1.nestedSeconds } }
}
