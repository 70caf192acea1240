// Times the forward pass of a backbone to its averaged features, as a process that answers line by line.
//
//   ForwardPass NAME-OR-FILE WORKERS THREADS INSTRUCTION-SET
// WORKERS run separate batches, as in an extraction, each on THREADS threads; "best" is the best available instruction
// set.
// Requests on standard input, each answered by one line:
//
//   check BATCH      the features of the fixed images, one after another
//   BATCH SECONDS    images per second, all workers together

import Dispatch
import Glibc
import LayerTap
import Synchronization

let arguments = CommandLine.arguments
guard arguments.count == 5, let workerCount = Int(arguments[2]), let threads = Int(arguments[3]),
  let instructionSet = arguments[4] == "best" ? .best : InstructionSet(rawValue: arguments[4])
else { fatalError("usage: ForwardPass NAME-OR-FILE WORKERS THREADS INSTRUCTION-SET|best") }
precondition(threads >= 1 && workerCount >= 1, "\(workerCount) workers of \(threads) threads")

/// A plan with the memory of one worker.
final class Worker: @unchecked Sendable {
  let plan: Plan
  let input: [Float]
  var arena: Arena
  var rows: [Float]

  init(_ plan: Plan, threads: Int) {
    self.plan = plan
    // Multiples of the golden ratio in -1 ..< 1. The peers compute the same numbers.
    input = (0..<plan.batch * plan.inputCount).map {
      Float((UInt32(truncatingIfNeeded: $0) &* 2_654_435_761) >> 8) / 8_388_608 - 1
    }
    arena = plan.makeArena(threads: threads)
    rows = [Float](repeating: 0, count: plan.batch * plan.rowLength)
  }

  func run() {
    let input = input
    var span = rows.mutableSpan
    plan.run(input.span, count: plan.batch, arena: &arena, into: &span)
  }
}

/// The backbone with its workers by batch size, made once, so that memory is warm after the first request.
struct Team {
  let backbone: Backbone
  let columns: [Column]
  private var workers: [Int: [Worker]] = [:]

  init(_ source: String) throws {
    backbone = try Backbone.load(source)
    columns = try backbone.columns(layers: ["penultimate"], poolings: [.avg])
  }

  mutating func members(
    batch: Int, count: Int, threads: Int, _ instructionSet: InstructionSet
  ) throws -> [Worker] {
    if let known = workers[batch] { return known }
    let plan = try backbone.plan(columns: columns, batch: batch, instructionSet: instructionSet)
    let made = (0..<count).map { _ in Worker(plan, threads: threads) }
    workers[batch] = made
    return made
  }
}

func imagesPerSecond(_ workers: [Worker], seconds: Double) -> Double {
  let clock = ContinuousClock()
  let images = Atomic<Int>(0)
  let start = clock.now
  DispatchQueue.concurrentPerform(iterations: workers.count) { index in
    while clock.now - start < .seconds(seconds) {
      workers[index].run()
      images.add(workers[index].plan.batch, ordering: .relaxed)
    }
  }
  return Double(images.load(ordering: .relaxed)) / ((clock.now - start) / .seconds(1))
}

/// Prints a line immediately, also into a pipe.
func answer(_ line: String) {
  print(line)
  fflush(nil)
}

var team = try Team(arguments[1])
answer("ready")
while let line = readLine() {
  let words = line.split(separator: " ")
  if words.count == 2, words[0] == "check", let batch = Int(words[1]) {
    let worker = try team.members(batch: batch, count: workerCount, threads: threads, instructionSet)[0]
    worker.run()
    answer(worker.rows.map { "\($0)" }.joined(separator: " "))
  } else if words.count == 2, let batch = Int(words[0]), let seconds = Double(words[1]) {
    let workers = try team.members(batch: batch, count: workerCount, threads: threads, instructionSet)
    answer("\(imagesPerSecond(workers, seconds: seconds))")
  } else {
    fatalError("not a request: \(line)")
  }
}
