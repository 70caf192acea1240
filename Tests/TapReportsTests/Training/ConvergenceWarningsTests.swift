import TapClassifier
import TapLinear
import TapMetrics
import TapReports
import TapSelection
import TestSupport
import Testing
import TrainingSupport

/// A warning reports every kind of fit that stopped early.
struct ConvergenceWarningsTests {
  private func fit(_ model: LogisticRegression) throws -> FittedLinearModel {
    let data = try TrainingFixtures.data(90)
    return try model.fit(
      data.candidates[0].features, labels: (0..<90).map { $0 % 3 }, classCount: 3)
  }

  private func selection(converged: Bool) -> Selection {
    Selection(
      method: .crossValidation(folds: 2),
      candidates: [
        Candidate(
          c: 0.25, folds: [Proportion(successes: 3, count: 4)], logLoss: nil, converged: converged)
      ], heldOut: [0, 1], predictions: [0, 0])
  }

  @Test func whatConvergedNeedsNoWords() throws {
    let model = try fit(LogisticRegression())
    let nested = NestedEstimate(
      folds: [Proportion(successes: 1, count: 2)], chosen: [.init(column: "x", c: 1)])
    let convergence = ConvergenceWarnings(model: model, selection: selection(converged: true), nested: nested)
    #expect(convergence.all.isEmpty && convergence.lastFit == nil)
  }

  @Test func theLastFitIsToldOfWithItsCertificate() throws {
    let early = try fit(LogisticRegression(c: 0.1, maximumIterations: 1))
    let warnings = ConvergenceWarnings(model: early, selection: selection(converged: true)).all
    let text = try #require(warnings.first)
    #expect(early.relativeGap < 1 && warnings.count == 1)
    #expect(
      text.hasPrefix("The fit stopped early (iterationLimit): its objective, ")
        && text.contains(" above the minimum, a relative "), "\(text)")
    #expect(text.hasSuffix("may be far from those of the optimum.") == (early.relativeGap > 0.01), "\(text)")
    // If the gap is as large as the objective, it certifies nothing.
    let far = try fit(LogisticRegression(c: 1e4, maximumIterations: 1))
    #expect(
      far.relativeGap >= 1
        && ConvergenceWarnings(model: far, selection: selection(converged: true)).lastFit
          == "The fit stopped early (iterationLimit), and nothing says how far from the minimum."
    )
    // These rows belong to the two clouds that overlap.
    let data = try TrainingFixtures.data(90)
    let free = try LogisticRegression(penalty: .none, maximumIterations: 1).fit(
      data.candidates[0].features, rows: (0..<90).filter { $0 % 3 != 2 }, labels: (0..<90).map { $0 % 3 % 2 },
      classCount: 2)
    #expect(
      ConvergenceWarnings(model: free, selection: selection(converged: true)).all
        == ["The fit stopped early (iterationLimit), and nothing says how far from the minimum."])
  }

  @Test func soAreThoseBehindChoiceCalibrationAndEstimate() throws {
    let nested = NestedEstimate(
      folds: (0..<3).map { _ in Proportion(successes: 1, count: 2) },
      chosen: (0..<3).map { .init(column: "x", c: 1, converged: $0 == 1) })
    let warnings = ConvergenceWarnings(
      model: try fit(LogisticRegression()), selection: selection(converged: false),
      isCalibrationConverged: false, nested: nested
    ).all
    #expect(
      warnings == [
        "Among the fits for C 0.25 that the accuracy was estimated by, at least one stopped before its tolerance: the "
          + "estimate may be a little off.",
        "Among the fits that the calibration was made on, at least one stopped before its tolerance.",
        "In 2 of the 3 outer folds of the nested cross-validation a fit stopped before its tolerance.",
      ])
  }
}
