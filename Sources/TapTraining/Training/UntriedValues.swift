// Values of C that searches skipped, described as text.

import TapSelection
import TapSettings
import TapText

/// The number of values of C that searches skipped, because larger values gave no further improvement.
package struct UntriedValues: Hashable, Sendable {
  /// The number of skipped values of C; `values` is the number of all values.
  private(set) var untried = 0
  private(set) var values = 0
  /// The number of searches that skipped values; `searches` is the number of all searches.
  private(set) var early = 0
  private(set) var searches = 0

  /// The counts of all columns under several kinds of model.
  package init(_ models: [TrainedModel]) {
    self.init(models.map { UntriedValues($0.results.map(\.selection), of: $0.settings.valuesOfC) })
  }

  /// The sums of these counts.
  package init(_ parts: [UntriedValues]) {
    for part in parts {
      untried += part.untried
      values += part.values
      early += part.early
      searches += part.searches
    }
  }

  /// The counts of several searches, each of at most `values` values of C.
  package init(_ selections: [Selection], of values: Int) {
    for selection in selections where values > 1 && selection.isJudged {
      add(tried: selection.candidates.count, of: values)
    }
  }

  /// The counts of one search.
  package init(tried: Int, of values: Int) { add(tried: tried, of: values) }

  private mutating func add(tried: Int, of all: Int) {
    values += all
    searches += 1
    guard tried < all else { return }
    untried += all - tried
    early += 1
  }

  /// The counts as text, in which names of settings are in backquotes: `94 of 380 values of C not tried, in 14 of 20
  /// columns: larger ones brought nothing better; `exhaustive` tries all.` Nil if all values were tried.
  ///
  /// - Parameter counted: the name of the searched objects, in the plural.
  package func text(counted: String = "columns") -> String? {
    guard untried > 0 else { return nil }
    let place = searches > 1 ? ", in \(early) of \(searches) \(counted)" : ""
    return
      "\(NumberText.grouped(untried)) of \(NumberText.grouped(values)) values of C not tried\(place): larger ones brought nothing "
      + "better; `exhaustive` tries all."
  }
}

extension TrainingSettings {
  /// The maximum number of values of C to try.
  package var valuesOfC: Int {
    guard searchesC, case .chosen(let values) = c else { return 1 }
    return (values ?? RegularizationSearch.automaticCandidates).count
  }
}
