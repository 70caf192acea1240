// Values of C that searches did not come to, in words.

import TapReports
import TapSelection
import TapSettings

/// How many values of C were left out because larger ones had ceased to bring anything better.
package struct UntriedValues: Hashable, Sendable {
  /// Values that were not tried, of so many.
  private(set) var untried = 0
  private(set) var values = 0
  /// Searches that left out some, of so many.
  private(set) var early = 0
  private(set) var searches = 0

  /// Of all columns under several kinds of model.
  package init(_ models: [TrainedModel]) {
    for model in models {
      let values = model.settings.valuesOfC
      for result in model.results where values > 1 && result.selection.isJudged {
        add(tried: result.selection.candidates.count, of: values)
      }
    }
  }

  /// Of all of these together.
  package init(_ parts: [UntriedValues]) {
    for part in parts {
      untried += part.untried
      values += part.values
      early += part.early
      searches += part.searches
    }
  }

  /// Of one search.
  package init(tried: Int, of values: Int) { add(tried: tried, of: values) }

  private mutating func add(tried: Int, of all: Int) {
    values += all
    searches += 1
    guard tried < all else { return }
    untried += all - tried
    early += 1
  }

  /// `94 of 380 values of C not tried, in 14 of 20 columns: larger ones brought nothing better; `exhaustive` tries all.` Names of
  /// settings stand in backquotes. Nil where all were tried.
  ///
  /// - Parameter counted: what a search is of, in the plural.
  package func text(counted: String = "columns") -> String? {
    guard untried > 0 else { return nil }
    let place = searches > 1 ? ", in \(early) of \(searches) \(counted)" : ""
    return
      "\(NumberText.grouped(untried)) of \(NumberText.grouped(values)) values of C not tried\(place): larger ones brought nothing "
      + "better; `exhaustive` tries all."
  }
}

extension TrainingSettings {
  /// How many values of C are tried at most.
  var valuesOfC: Int {
    guard searchesC, case .chosen(let values) = c else { return 1 }
    return (values ?? RegularizationSearch.automaticCandidates).count
  }
}
