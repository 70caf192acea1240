// Values of C that searches skipped, in words.

import TapSelection
import TapSettings
import TapText

/// The number of values of C that were skipped because larger ones brought no more improvement.
package struct UntriedValues: Hashable, Sendable {
  /// The number of skipped values, and of all values.
  private(set) var untried = 0
  private(set) var values = 0
  /// The number of searches that skipped some, and of all searches.
  private(set) var early = 0
  private(set) var searches = 0

  /// The counts of all columns under several kinds of model.
  package init(_ models: [TrainedModel]) {
    for model in models {
      let values = model.settings.valuesOfC
      for result in model.results where values > 1 && result.selection.isJudged {
        add(tried: result.selection.candidates.count, of: values)
      }
    }
  }

  /// The sum of these counts.
  package init(_ parts: [UntriedValues]) {
    for part in parts {
      untried += part.untried
      values += part.values
      early += part.early
      searches += part.searches
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

  /// `94 of 380 values of C not tried, in 14 of 20 columns: larger ones brought nothing better; `exhaustive` tries
  /// all.` Names of settings are in backquotes. Nil if all were tried.
  ///
  /// - Parameter counted: the objects of the searches, in the plural.
  package func text(counted: String = "columns") -> String? {
    guard untried > 0 else { return nil }
    let place = searches > 1 ? ", in \(early) of \(searches) \(counted)" : ""
    return
      "\(NumberText.grouped(untried)) of \(NumberText.grouped(values)) values of C not tried\(place): larger ones brought nothing "
      + "better; `exhaustive` tries all."
  }
}

extension TrainingSettings {
  /// The maximum number of values of C that are tried.
  package var valuesOfC: Int {
    guard searchesC, case .chosen(let values) = c else { return 1 }
    return (values ?? RegularizationSearch.automaticCandidates).count
  }
}
