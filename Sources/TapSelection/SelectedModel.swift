// What a search for C found: every value that was tried, the one that was chosen, and the model fitted with it.

import TapLinear
import TapMetrics

/// How a value of C was judged.
public enum SelectionMethod: Hashable, Sendable {
  /// By rows held out in turn.
  case crossValidation(folds: Int)
  /// By a validation part.
  case validation(rows: Int)
}

/// A value of C and how it did on rows that it was not fitted on.
public struct Candidate: Hashable, Sendable {
  /// The value that was tried.
  public let c: Double
  /// Correct predictions of all rows held out, over all folds together.
  ///
  /// Its `interval()` is Wilson's over these pooled predictions. That takes them to be independent: it leaves out that
  /// folds share training rows, and that the best of several candidates is a little lucky. A number to report needs
  /// test data that took no part.
  public let accuracy: Proportion
  /// The same fold by fold; one entry for a validation part.
  public let folds: [Proportion]
  /// The mean of -log p(label) over the same rows; nil for an SVM, which gives no probabilities.
  public let logLoss: Double?
  /// Whether every fit reached its tolerance.
  public let converged: Bool

  /// A value of C with what is known of it; accuracies have at least one entry.
  package init(c: Double, folds: [Proportion], logLoss: Double?, converged: Bool) {
    self.c = c
    accuracy = Proportion(
      successes: folds.reduce(0) { $0 + $1.successes }, count: folds.reduce(0) { $0 + $1.count })
    self.folds = folds
    self.logLoss = logLoss
    self.converged = converged
  }

  /// More accurate, or as accurate and surer of what is right.
  ///
  /// Where rows are few, many values of C are equally accurate, and the smallest of them would leave probabilities flat.
  package func isBetter(than other: Candidate) -> Bool {
    if accuracy.successes != other.accuracy.successes {
      return accuracy.successes > other.accuracy.successes
    }
    guard let logLoss, let otherLoss = other.logLoss else { return false }
    return logLoss < otherLoss
  }
}

/// The value of C that a ``RegularizationSearch`` chose, and by what.
public struct Selection: Hashable, Sendable {
  /// What the choice was made by.
  public let method: SelectionMethod
  /// The values that were tried, ascending in C.
  public let candidates: [Candidate]
  /// The most accurate; of equals that with the smallest log loss; where there is none, the smallest C.
  public let chosen: Candidate
  /// The rows that judged: each once.
  public let heldOut: [Int]
  /// The class that the chosen C predicted for each of ``heldOut``.
  public let predictions: [Int]

  /// - Precondition: `candidates` is not empty, `predictions` belong to the best of them.
  package init(method: SelectionMethod, candidates: [Candidate], heldOut: [Int], predictions: [Int]) {
    precondition(
      heldOut.count == predictions.count, "\(predictions.count) predictions of \(heldOut.count) rows")
    self.method = method
    self.candidates = candidates
    chosen = candidates.dropFirst().reduce(candidates[0]) { $1.isBetter(than: $0) ? $1 : $0 }
    self.heldOut = heldOut
    self.predictions = predictions
  }
}

/// A choice of C with the model that was then fitted.
public struct SelectedModel: Hashable, Sendable {
  /// How C was chosen.
  public let selection: Selection
  /// The model for the chosen C.
  public let model: FittedLinearModel
}
