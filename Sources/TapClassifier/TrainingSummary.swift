// The record of a training in a classifier's file: enough to judge it and to repeat it.

import TapLinear
import TapMetrics

/// The training of a classifier.
public struct TrainingSummary: Hashable, Sendable {
  /// An estimate of the accuracy for one value of C, made on training data alone.
  public struct Estimate: Hashable, Sendable {
    /// The value of C that was tried; nil for a model that has none.
    public let c: Double?
    /// Correct predictions, of all on held-out rows.
    public let accuracy: Proportion

    /// Creates an estimate from predictions on held-out rows.
    public init(c: Double?, accuracy: Proportion) {
      self.c = c
      self.accuracy = accuracy
    }
  }

  /// The settings of the training.
  public var settings: ModelSettings
  /// The name of the solver that the last fit ended with.
  public var solver: String
  /// scikit-learn's C of the last fit: multiplies the sum of losses; nil for a model that has none.
  public var c: Double?
  /// The scaling of features: `none`, `std` or `max`.
  public var standardization: String
  /// The principal components that it was fitted in; nil without.
  public var projection: ProjectionSummary?
  /// The objective at the result.
  public var objective: Double
  /// The certified bound on the objective's distance from its minimum; infinite without a penalty.
  public var gap: Double
  /// Newton steps of the final fit.
  public var iterations: Int
  /// Whether the required gap is certified.
  public var converged: Bool
  /// The method by which C was chosen, or a model without C judged.
  public var selection: SelectionRecord
  /// One for each C that was tried.
  public var estimates: [Estimate]
  /// The estimate of nested cross-validation; nil if none was made.
  public var nested: NestedEstimate?
  /// The number of rows of each class in the final fit, in class order.
  public var classCounts: [Int]
  /// SHA-256, in hexadecimal, of the items that it was fitted on: one line `<content hash> <class name>` for each, in
  /// order.
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
