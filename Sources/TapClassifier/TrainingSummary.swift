// What a classifier's file says of its training: enough to judge it and to do it again.

import TapLinear
import TapMetrics

/// How a classifier came to be.
public struct TrainingSummary: Hashable, Sendable {
  /// An estimate of the accuracy for one value of C, made on training data alone.
  public struct Estimate: Hashable, Sendable {
    /// The value of C that was tried; nil for a model that has none.
    public let c: Double?
    /// Correct predictions among all that were made on rows held out.
    public let accuracy: Proportion

    /// An estimate from predictions on rows held out.
    public init(c: Double?, accuracy: Proportion) {
      self.c = c
      self.accuracy = accuracy
    }
  }

  /// What was asked for.
  public var settings: ModelSettings
  /// The raw value of the ``Solver`` that the last fit ended with.
  public var solver: String
  /// scikit-learn's C of the last fit: multiplies the sum of losses; nil for a model that has none.
  public var c: Double?
  /// How features were scaled: `none`, `std` or `max`.
  public var standardization: String
  /// The principal components that it was fitted in; nil without.
  public var projection: ProjectionSummary?
  /// The objective at the result.
  public var objective: Double
  /// The certified bound on the objective's distance from its minimum; infinite without a penalty.
  public var gap: Double
  /// Newton steps of the final fit.
  public var iterations: Int
  /// Whether the gap asked for is certified.
  public var converged: Bool
  /// How C was chosen, or a model without one judged.
  public var selection: SelectionRecord
  /// One for each C that was tried.
  public var estimates: [Estimate]
  /// The estimate of nested cross-validation; nil if none was made.
  public var nested: NestedEstimate?
  /// How many rows of each class the final fit saw, in class order.
  public var classCounts: [Int]
  /// SHA-256, in hexadecimal, of what it was fitted on: `<content hash> <class name>` a line, in order.
  public var dataHash: String

  /// A summary with every field.
  public init(
    settings: ModelSettings, solver: String = "truncated-newton", c: Double?, standardization: String,
    objective: Double, gap: Double, iterations: Int, converged: Bool, selection: SelectionRecord,
    estimates: [Estimate], classCounts: [Int], dataHash: String, projection: ProjectionSummary? = nil
  ) {
    self.settings = settings
    self.solver = solver
    self.c = c
    self.standardization = standardization
    self.objective = objective
    self.gap = gap
    self.iterations = iterations
    self.converged = converged
    self.selection = selection
    self.estimates = estimates
    self.classCounts = classCounts
    self.dataHash = dataHash
    self.projection = projection
  }

  /// The kind of model.
  public var classifier: ClassifierKind { settings.classifier }

  /// How classes are told apart; of a logistic regression it says what probabilities are.
  public var multiClass: MultiClass { settings.multiClass }

  /// The estimate for the C that was chosen.
  public var chosenEstimate: Estimate? { estimates.first { $0.c == c } }
}
