// The problem that a linear model minimizes, as data: features, labels, weights, penalty, intercept.

import TapKernels

/// ```
/// P(W, b) = ½ ‖W‖² + Σ costᵢ ℓ(W fᵢ + b, yᵢ)         costᵢ = C sᵢ
/// ```
/// with fᵢ the scaled features. Parameters are one flat array: W `[outputs, columns]` class by class, then the
/// `outputs` weights β of the appended feature, whose value is B: b = B β. A penalized intercept adds `½ ρ ‖β‖²`.
package struct LinearProblem<Loss: PointwiseLoss>: Sendable {
  package let design: DesignMatrix
  package let labels: [Int]
  package let costs: [Double]
  package internal(set) var loss: Loss
  package let intercept: Intercept
  package let product: MatrixProduct
  /// The inner products of rows, if a solver may use them.
  package let gram: GramMatrix?
  /// The second moments of columns, if a solver may use them.
  package let moments: ColumnMoments?
  package let squares: ColumnSquares
  /// The Hessian's blocks of classes, if a solver may use them.
  package let classBlocks: ClassBlocks?

  /// - Precondition: one label and one finite cost ≥ 0 for each row of the design.
  package init(
    design: DesignMatrix, labels: [Int], costs: [Double], loss: Loss, intercept: Intercept = .free,
    product: MatrixProduct = .openBLAS, gram: GramMatrix? = nil,
    moments: ColumnMoments? = nil, squares: ColumnSquares? = nil, classBlocks: ClassBlocks? = nil
  ) {
    precondition(
      labels.count == design.count && costs.count == design.count,
      "\(labels.count) labels and \(costs.count) costs for \(design.count) rows")
    self.design = design
    self.labels = labels
    self.costs = costs
    self.loss = loss
    self.intercept = intercept
    self.product = product
    self.gram = gram
    self.moments = moments
    self.classBlocks = classBlocks
    self.squares = squares ?? ColumnSquares(design, weights: costs)
  }

  /// The value at W = 0, b = 0, under any penalty.
  var valueAtZero: Double { costs.reduce(0, +) * loss.valueAtZero }

  /// The least loss of scores that are the same for every row.
  package var leastConstantValue: Double {
    var weights = [Double](repeating: 0, count: max(2, outputs))
    for (label, cost) in zip(labels, costs) { weights[label] += cost }
    return loss.leastConstantValue(weights)
  }

  package var outputs: Int { loss.outputs }
  package var columns: Int { design.columns }
  package var weightCount: Int { outputs * columns }
  package var parameterCount: Int { weightCount + outputs }
}
