// Warnings about the fits of a training that stopped before their tolerance.

import TapClassifier
import TapLinear
import TapSelection
import TapText
import TapTraining

/// Whether each kind of fit reached its tolerance: the last fit, and the fits for the choice, the estimates and the
/// calibration.
package struct ConvergenceWarnings {
  private let model: FittedLinearModel
  private let selection: Selection
  private let isCalibrationConverged: Bool
  private let nested: NestedEstimate?

  /// - Parameters:
  ///   - model: the last fit.
  ///   - selection: the record of the choice of C for the last fit.
  ///   - nested: the nested estimate; nil if none was made.
  package init(
    model: FittedLinearModel, selection: Selection, isCalibrationConverged: Bool = true,
    nested: NestedEstimate? = nil
  ) {
    self.model = model
    self.selection = selection
    self.isCalibrationConverged = isCalibrationConverged
    self.nested = nested
  }

  package init(_ trained: TrainedModel) {
    self.init(
      model: trained.model, selection: trained.chosen.selection,
      isCalibrationConverged: trained.isCalibrationConverged, nested: trained.summary.nested)
  }

  /// A sentence for each kind of fit that did not reach its tolerance; empty if all fits did. If the objective of the
  /// last fit has no minimum, the only sentence is about the last fit.
  package var all: [String] {
    var warnings = [lastFit].compactMap(\.self)
    if model.stopReason == .separable { return warnings }
    let chosen = selection.chosen
    if !chosen.converged {
      let c = chosen.c.map { " for C \(NumberText.significant($0))" } ?? ""
      warnings.append(
        "Among the fits\(c) that the accuracy was estimated by, at least one stopped before its tolerance: the estimate "
          + "may be a little off.")
    }
    if !isCalibrationConverged {
      warnings.append(
        "Among the fits that the calibration was made on, at least one stopped before its tolerance.")
    }
    if let nested {
      let early = nested.chosen.count { !$0.converged }
      if early > 0 {
        warnings.append(
          "In \(early) of the \(nested.chosen.count) outer folds of the nested cross-validation a fit stopped before its "
            + "tolerance.")
      }
    }
    return warnings
  }

  /// A sentence about the last fit if it did not converge; otherwise nil.
  package var lastFit: String? {
    switch model.stopReason {
    case .converged, .settled: nil
    case .separable:
      "The classes, or one of them from all others, can be told apart without a mistake on the training images, or but for "
        + "ties: without a penalty the weights grow for ever and there is no minimum. The fit stopped where that was "
        + "proven; use a penalty."
    case .iterationLimit, .noProgress:
      "The fit stopped early (\(model.stopReason.rawValue))"
        + (model.relativeGap < 1
          ? ": its objective, \(NumberText.significant(model.objective)), is certified to be at most "
            + "\(NumberText.significant(model.gap)) above the minimum, a relative \(NumberText.significant(model.relativeGap))"
            + (model.relativeGap > 0.01
              ? "; weights and probabilities may be far from those of the optimum." : ".")
          : ", and nothing says how far from the minimum.")
    }
  }
}
