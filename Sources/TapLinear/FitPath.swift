// A path is a series of fits to the same data with rising values of C. The last fits of a path predict the next fit.

/// Predicts the start of the next fit on a path of C.
///
/// The optimum is a smooth function of log C, so a parabola through the last three fits predicts the next fit. The
/// predictions for different subsets of the same rows have similar errors. So the error on one subset corrects the
/// predictions on the other subsets.
package struct FitPath: Sendable {
  /// The last fits, at most three. The latest fit is the first element.
  private var points: [(place: Double, parameters: [Double])] = []
  /// The latest fit minus its prediction; empty if this fit had no prediction.
  private var surprise: [Double] = []

  package init() {}

  /// Appends a fit whose C is larger than the C of every earlier fit.
  package mutating func append(_ fitted: FittedLinearModel) {
    guard let c = fitted.c else { return }
    let (place, parameters) = (logarithm(c), fitted.scaledParameters)
    surprise = points.isEmpty ? [] : zip(parameters, foretold(at: place)).map { $0 - $1 }
    points.insert((place, parameters), at: 0)
    points = Array(points.prefix(3))
  }

  /// The start of a fit for the next C; nil on a path without fits.
  ///
  /// - Parameter leader: the path of another subset of the rows, which already has a fit for `c`.
  package func start(at c: Double, after leader: FitPath? = nil) -> FitStart? {
    guard let last = points.first else { return nil }
    guard points.count > 1 || leader != nil else {
      return FitStart(parameters: last.parameters, direction: nil)
    }
    var direction = zip(foretold(at: logarithm(c)), last.parameters).map { $0 - $1 }
    if let leader, leader.surprise.count == direction.count {
      for i in direction.indices { direction[i] += leader.surprise[i] }
    }
    return FitStart(parameters: last.parameters, direction: direction)
  }

  /// The prediction of Lagrange's polynomial in log C through the last fits.
  private func foretold(at place: Double) -> [Double] {
    var result = [Double](repeating: 0, count: points[0].parameters.count)
    for (index, point) in points.enumerated() {
      var factor = 1.0
      for (other, node) in points.enumerated() where other != index {
        factor *= (place - node.place) / (point.place - node.place)
      }
      for i in result.indices { result[i] += factor * point.parameters[i] }
    }
    return result
  }
}
