// Products of matrices.

import TapTensors

extension OperatorTable {
  static func addProducts(to table: inout OperatorTable) {
    table.add("MatMul") { context throws(OperatorError) in
      [try ONNXMatrixProducts.matrixProduct(try context.input(0), try context.input(1))]
    }
    table.add("Gemm") { context throws(OperatorError) in
      [
        try ONNXMatrixProducts.gemm(
          try context.input(0), try context.input(1), plus: context.optional(2),
          alpha: try context.float("alpha", default: 1), beta: try context.float("beta", default: 1),
          transposingA: try context.flag("transA"), transposingB: try context.flag("transB"))
      ]
    }
  }
}
