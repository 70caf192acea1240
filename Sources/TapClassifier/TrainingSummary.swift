// The record of a training in a classifier's file. The record is sufficient to judge and to repeat the training.

import TapLinear
import TapMetrics

/// The training of a classifier.
public struct TrainingSummary: Hashable, Sendable {
  /// An estimate of the accuracy for one value of C, computed from the training data alone.
  public struct Estimate: Hashable, Sendable {
    /// The value of C that was tried; nil for a model without C.
    public let c: Double?
    /// The correct predictions among all predictions on held-out rows.
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
  /// The C of the last fit, which multiplies the sum of losses as in scikit-learn; nil for a model without C.
  public var c: Double?
  /// The scaling of features: `none`, `std` or `max`.
  public var standardization: String
  /// The principal components that the model was fitted on; nil if no components were used.
  public var projection: ProjectionSummary?
  /// The value of the objective at the result.
  public var objective: Double
  /// The certified bound on the objective's distance from its minimum; infinite without a penalty.
  public var gap: Double
  /// The number of steps of the final fit.
  public var iterations: Int
  /// Whether the required gap is certified.
  public var converged: Bool
  /// The method by which C was chosen. For a model without C, this is the method by which the model was judged.
  public var selection: SelectionRecord
  /// One estimate for each value of C that was tried.
  public var estimates: [Estimate]
  /// The estimate of nested cross-validation; nil if none was made.
  public var nested: NestedEstimate?
  /// The number of rows of each class in the final fit, in class order.
  public var classCounts: [Int]
  /// The SHA-256, in hexadecimal, of the list of the items that the model was fitted on. The list has one line
  /// `<content hash> <class name>` for each item, in order. The text is empty if the items are not known.
  public var dataHash: String

  /// Creates a summary with every field.
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

  /// The rule for more than two classes. For a logistic regression the rule defines the probabilities.
  public var multiClass: MultiClass { settings.multiClass }

  /// The estimate for the C that was chosen.
  public var chosenEstimate: Estimate? { estimates.first { $0.c == c } }
}
