// Times fits of linear models on a matrix of float32.
//
//   FitLinear fit X.f32 Y.i32 ROWS COLUMNS CLASSES logistic|squared-hinge|hinge|crammer-singer free|penalized C
//   TOLERANCE THREADS REPEATS OUT.f64 FitLinear steps X.f32 Y.i32 ROWS COLUMNS CLASSES logistic free|penalized C
//   TOLERANCE THREADS STEPS SECONDS OUT.f64 FitLinear grid X.f32 Y.i32 ROWS COLUMNS CLASSES logistic TRAINING-ROWS
//   THREADS TOLERANCE C C C ... FitLinear path X.f32 Y.i32 ROWS COLUMNS CLASSES logistic|squared-hinge|hinge FOLDS.i32
//   THREADS TOLERANCE C C C ...
// X.npy in place of X.f32 is mapped, not read. Prints seconds, one number for each repeat; `fit` then prints the
// certified relative gap, and writes W [outputs, columns] and b [outputs] as float64. FOLDS.i32 has the fold of each
// row, 0 to 4. Features are not scaled. TOLERANCE can be `default`. `steps` begins at the weights in OUT.f64, if the
// file exists, and repeats fits of STEPS Newton steps until the gap is reached or the seconds are over. After each fit
// it writes the weights and prints seconds, relative gap, steps, Hessian products. `grid` fits to the first rows with
// every value of C ascending, each from the last result, and evaluates on the other rows: it prints seconds, then for
// each value C, the accuracy, and whether the gap was reached. With LAYERTAP_BENCHMARK_AVX2 in the environment, `fit`
// uses row products of AVX2.

import Glibc
import LayerTap
import TapKernels
import TapLinear

let arguments = CommandLine.arguments
guard arguments.count >= 9, let rows = Int(arguments[4]), let columns = Int(arguments[5]),
  let classes = Int(arguments[6])
else { fatalError("usage: see the head of this file") }

func read<T>(_ path: String, _ zero: T, count: Int) -> [T] {
  guard let file = unsafe fopen(path, "rb") else { fatalError("\(path) cannot be read") }
  defer { unsafe _ = fclose(file) }
  return unsafe [T](unsafeUninitializedCapacity: count) { buffer, initialized in
    initialized = unsafe fread(buffer.baseAddress, MemoryLayout<T>.stride, count, file)
  }
}

let features =
  arguments[2].hasSuffix(".npy")
  ? try FeatureFile(arguments[2]).features
  : MatrixView(
    rows: rows, columns: columns, elements: read(arguments[2], 0 as Float, count: rows * columns))
let labels = read(arguments[3], 0 as Int32, count: rows).map { Int($0) }
let clock = ContinuousClock()

if arguments[1] == "grid" {
  guard let training = Int(arguments[8]), let threads = Int(arguments[9]),
    let tolerance = Double(arguments[10])
  else { fatalError("a number is none") }
  var search = RegularizationSearch(
    model: .logistic(LogisticRegression(standardization: .none, tolerance: tolerance, threads: threads)),
    candidates: arguments[11...].compactMap { Double($0) }, patience: nil)
  search.searchTolerance = tolerance
  let start = clock.now
  let selection = try search.validation(
    features, split: Split(training: Array(0..<training), validation: Array(training..<rows)), labels: labels,
    classCount: classes)
  print((clock.now - start) / .seconds(1))
  for candidate in selection.candidates {
    print(candidate.c ?? 0, candidate.accuracy.value, candidate.converged)
  }
  exit(0)
}

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
  search.searchTolerance = Double(arguments[10])
  let start = clock.now
  let selection = try search.crossValidation(features, labels: labels, classCount: classes, groups: folds)
  print((clock.now - start) / .seconds(1))
  guard selection.candidates.allSatisfy(\.converged) else { fatalError("not every fit converged") }
  // The given folds: rows held out together are one group.
  var runs = 1
  for (row, next) in zip(selection.heldOut, selection.heldOut.dropFirst()) where folds[row] != folds[next] {
    runs += 1
  }
  guard runs == 5 else { fatalError("other folds than \(arguments[8])'s") }
  exit(0)
}

let intercept: Intercept = arguments[8] == "free" ? .free : .penalized(scale: 1)
guard let c = Double(arguments[9]), let threads = Int(arguments[11]), let repeats = Int(arguments[12]),
  let tolerance = arguments[10] == "default" ? LogisticRegression().tolerance : Double(arguments[10])
else { fatalError("a number is none") }

func write(_ fitted: FittedLinearModel, to path: String) {
  guard let file = unsafe fopen(path, "wb") else { fatalError("\(path) cannot be written") }
  for values in [fitted.weights, fitted.bias] {
    unsafe values.withUnsafeBufferPointer { unsafe _ = fwrite($0.baseAddress, 8, $0.count, file) }
  }
  unsafe fclose(file)
}

if arguments[1] == "steps" {
  guard let seconds = Double(arguments[13]) else { fatalError("a number is none") }
  let path = arguments[14]
  let model = LinearModel.logistic(
    LogisticRegression(
      c: c, standardization: .none, intercept: intercept, tolerance: tolerance, maximumIterations: repeats,
      threads: threads))
  var start: WarmStart?
  if access(path, R_OK) == 0 {
    let earlier = read(path, 0 as Double, count: classes * (columns + 1))
    start = WarmStart(
      weights: Array(earlier[..<(classes * columns)]), bias: Array(earlier[(classes * columns)...]))
  }
  let begin = clock.now
  while (clock.now - begin) / .seconds(1) < seconds {
    let fitted = try model.fit(features, labels: labels, classCount: classes, from: start)
    // Renamed, so that no run continues from an incomplete file.
    write(fitted, to: path + ".part")
    rename(path + ".part", path)
    print((clock.now - begin) / .seconds(1), fitted.relativeGap, fitted.iterations, fitted.hessianProducts)
    fflush(nil)
    if fitted.converged { exit(0) }
    start = WarmStart(fitted)
  }
  exit(0)
}

let kind = arguments[7]
let hinge = HingeLoss(rawValue: kind)
guard kind == "logistic" || hinge != nil else { fatalError("no kind of model: \(kind)") }
let product: MatrixProduct =
  unsafe getenv("LAYERTAP_BENCHMARK_AVX2") == nil ? .openBLAS : .openBLASWithAVX2
func fit() throws -> FittedLinearModel {
  switch hinge {
  case nil:
    var model = LogisticRegression(
      c: c, standardization: .none, intercept: intercept, tolerance: tolerance, threads: threads)
    model.product = product
    return try model.fit(features, labels: labels, classCount: classes)
  case let loss?:
    var model = LinearSVM(
      c: c, loss: loss, standardization: .none, intercept: intercept, tolerance: tolerance, threads: threads)
    model.product = product
    return try model.fit(features, labels: labels, classCount: classes)
  }
}
var fitted: FittedLinearModel?
for _ in 0..<repeats {
  let start = clock.now
  fitted = try fit()
  print((clock.now - start) / .seconds(1))
}
if let fitted, arguments.count > 13 {
  write(fitted, to: arguments[13])
  print(fitted.relativeGap)
  print("iterations \(fitted.iterations), Hessian products \(fitted.hessianProducts), \(fitted.stopReason)")
}
