// Times fits of linear models on a matrix of float32.
//
//   FitLinear fit X.f32 Y.i32 ROWS COLUMNS CLASSES logistic|squared-hinge|hinge|crammer-singer free|penalised C TOLERANCE THREADS REPEATS OUT.f64
//   FitLinear path X.f32 Y.i32 ROWS COLUMNS CLASSES logistic|squared-hinge|hinge FOLDS.i32 THREADS TOLERANCE C C C ...
//
// X.npy in place of X.f32 is mapped, not read. Prints seconds, one number a repeat; `fit` then prints the relative gap that it certifies, and writes W [outputs, columns]
// and b [outputs] as float64. FOLDS.i32 tells the rows' folds, 0 to 4. Features are not scaled.

import Glibc
import LayerTap

let arguments = CommandLine.arguments
guard arguments.count >= 9, let rows = Int(arguments[4]), let columns = Int(arguments[5]),
  let classes = Int(arguments[6])
else { fatalError("usage: see the head of this file") }

func read<T>(_ path: String, _ zero: T, count: Int) -> [T] {
  guard let file = unsafe fopen(path, "rb") else { fatalError("\(path) cannot be read") }
  defer { unsafe _ = fclose(file) }
  return unsafe [T](unsafeUninitializedCapacity: count) { buffer, initialised in
    initialised = unsafe fread(buffer.baseAddress, MemoryLayout<T>.stride, count, file)
  }
}

let features =
  arguments[2].hasSuffix(".npy")
  ? try FeatureFile(arguments[2]).features
  : MatrixView(
    rows: rows, columns: columns, elements: read(arguments[2], 0 as Float, count: rows * columns))
let labels = read(arguments[3], 0 as Int32, count: rows).map { Int($0) }
let clock = ContinuousClock()

if arguments[1] == "path" {
  let folds = read(arguments[8], 0 as Int32, count: rows).map { Int($0) }
  let threads = Int(arguments[9])
  let model: LinearModel =
    switch arguments[7] {
    case "logistic": .logistic(LogisticRegression(standardization: .none, threads: threads))
    case "hinge": .svm(LinearSVM(loss: .hinge, standardization: .none, threads: threads))
    default: .svm(LinearSVM(loss: .squaredHinge, standardization: .none, threads: threads))
    }
  var search = RegularizationSearch(
    model: model, candidates: arguments[11...].compactMap { Double($0) }, patience: nil, folds: 5)
  search.searchTolerance = Double(arguments[10]) ?? search.searchTolerance
  let start = clock.now
  let selection = try search.crossValidation(features, labels: labels, classCount: classes, groups: folds)
  print((clock.now - start) / .seconds(1))
  guard selection.candidates.allSatisfy(\.converged) else { fatalError("not every fit converged") }
  // The folds that were asked for: rows held out together are of one group.
  var runs = 1
  for (row, next) in zip(selection.heldOut, selection.heldOut.dropFirst()) where folds[row] != folds[next] {
    runs += 1
  }
  guard runs == 5 else { fatalError("other folds than \(arguments[8])'s") }
  exit(0)
}

let intercept: Intercept = arguments[8] == "free" ? .free : .penalised(scale: 1)
guard let c = Double(arguments[9]), let tolerance = Double(arguments[10]), let threads = Int(arguments[11]),
  let repeats = Int(arguments[12])
else { fatalError("a number is none") }
let kind = arguments[7]
let hinge = HingeLoss(rawValue: kind)
guard kind == "logistic" || hinge != nil else { fatalError("no kind of model: \(kind)") }
func fit() throws -> FittedLinearModel {
  switch hinge {
  case nil:
    try LogisticRegression(
      c: c, standardization: .none, intercept: intercept, tolerance: tolerance, threads: threads
    ).fit(features, labels: labels, classCount: classes)
  case let loss?:
    try LinearSVM(
      c: c, loss: loss, standardization: .none,
      intercept: intercept,
      tolerance: tolerance, threads: threads
    ).fit(features, labels: labels, classCount: classes)
  }
}
var fitted: FittedLinearModel?
for _ in 0..<repeats {
  let start = clock.now
  fitted = try fit()
  print((clock.now - start) / .seconds(1))
}
if let fitted, arguments.count > 13, let file = unsafe fopen(arguments[13], "wb") {
  for values in [fitted.weights, fitted.bias] {
    unsafe values.withUnsafeBufferPointer { unsafe _ = fwrite($0.baseAddress, 8, $0.count, file) }
  }
  unsafe fclose(file)
  print(fitted.relativeGap)
  print("iterations \(fitted.iterations), Hessian products \(fitted.hessianProducts), \(fitted.stopReason)")
}
