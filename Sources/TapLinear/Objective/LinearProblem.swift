// The problem that a linear model minimizes, as data: features, labels, weights, penalty, intercept.

import TapKernels

/// ```
/// P(W, b) = ½ ‖W‖² + Σ costᵢ ℓ(W fᵢ + b, yᵢ)         costᵢ = C sᵢ
/// ```
/// fᵢ are the scaled features. The parameters are one flat array: W, `[outputs, columns]`, class by class, followed by
/// the `outputs` weights β of the appended feature. This feature has the constant value B, so b = B β. A penalized
/// intercept adds `½ ρ ‖β‖²`.
package struct LinearProblem<Loss: PointwiseLoss>: Sendable {
  package let design: DesignMatrix
  package let labels: [Int]
  package let costs: [Double]
  package internal(set) var loss: Loss
  package let intercept: Intercept
  package let product: MatrixProduct
  /// The inner products of rows; nil if no solver uses this matrix.
  package let gram: GramMatrix?
  /// The second moments of columns; nil if no solver uses these moments.
  package let moments: ColumnMoments?
  package let squares: ColumnSquares
  /// The Hessian's diagonal blocks, one for each class; nil if no solver uses these blocks.
  package let classBlocks: ClassBlocks?

  /// - Precondition: each row of the design has one label and one finite cost ≥ 0.
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

  /// The least loss of a model that gives all rows equal scores.
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
