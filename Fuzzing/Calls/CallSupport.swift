// Numbers from the bytes of an input, memory of exact sizes, and checks that hold for every call.

import CTapForeign
import Glibc
import Synchronization
import TapForeign

/// Numbers from the bytes of an input; zeros after its end.
struct Bytes {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { place >= bytes.count }

  mutating func next() -> UInt8 {
    defer { place += 1 }
    return place < bytes.count ? bytes[place] : 0
  }

  mutating func number() -> UInt64 { (0..<8).reduce(0) { number, _ in number << 8 | UInt64(next()) } }

  /// A number from 0 to below `count`, or 0.
  mutating func index(_ count: Int) -> Int { count == 0 ? 0 : Int(next()) % count }

  mutating func one<Value>(of values: [Value]) -> Value { values[index(values.count)] }

  /// True for one byte of eight.
  mutating func rarely() -> Bool { next() >= 224 }

  mutating func often() -> Bool { next() >= 128 }

  /// The next bytes up to a zero.
  mutating func text(atMost count: Int = 64) -> [UInt8] {
    var text: [UInt8] = []
    while text.count < count, !isAtEnd {
      let byte = next()
      if byte == 0 { break }
      text.append(byte)
    }
    return text
  }
}

/// Memory of exact sizes, so that the sanitizer finds each access beyond it. ``free()`` ends its life, and not a
/// `deinit`, which could come before the call that uses the memory.
@safe final class CallMemory {
  private var blocks: [UnsafeMutableRawPointer] = unsafe []

  @unsafe func zeros<Value>(_ type: Value.Type, _ count: Int) -> UnsafeMutablePointer<Value> {
    guard let block = unsafe calloc(max(1, count), MemoryLayout<Value>.stride) else { fatalError("no memory") }
    unsafe blocks.append(block)
    return unsafe block.bindMemory(to: type, capacity: max(1, count))
  }

  @unsafe func copy<Value>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
    let start = unsafe zeros(Value.self, values.count)
    for (index, value) in values.enumerated() { unsafe (start + index).initialize(to: value) }
    return unsafe start
  }

  @unsafe func text(_ bytes: [UInt8]) -> UnsafePointer<CChar> {
    unsafe UnsafePointer(copy(bytes.map { CChar(bitPattern: $0) }))
  }

  func free() {
    for index in unsafe blocks.indices { unsafe Glibc.free(blocks[index]) }
    unsafe blocks = unsafe []
  }
}

enum CallChecks {
  private static let count = Atomic<Int>(0)
  private static let statuses: Set<Int32> = [
    LAYERTAP_OK, LAYERTAP_ARGUMENT, LAYERTAP_HANDLE, LAYERTAP_USAGE, LAYERTAP_DATA, LAYERTAP_MISSING, LAYERTAP_OUTPUT,
    LAYERTAP_IO, LAYERTAP_TEMPORARY, LAYERTAP_PERMISSION, LAYERTAP_STOPPED,
  ]

  /// Prints the number of calls when the process ends.
  static func report() {
    atexit {
      let line = Array("stat::number_of_calls: \(CallChecks.count.load(ordering: .relaxed))\n".utf8)
      _ = unsafe line.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
  }

  /// Checks the status and the text of the call that was just made. An error of the library itself is a failure.
  @discardableResult static func checked(_ status: Int32) -> Int32 {
    count.add(1, ordering: .relaxed)
    guard statuses.contains(status) else { fatalError("status \(status): \(error ?? "no UTF-8")") }
    guard let error else { fatalError("the text of an error is not UTF-8") }
    if error.isEmpty != (status == LAYERTAP_OK) { fatalError("status \(status) with the text '\(error)'") }
    return status
  }

  /// Checks a release, which leaves the text of an earlier error.
  static func checkRelease(_ status: Int32) {
    count.add(1, ordering: .relaxed)
    if status != LAYERTAP_OK { checked(status) }
  }

  /// Makes a call that returns a handle.
  ///
  /// - Returns: the handle; nil after an error, with which no handle may be written.
  @safe static func handle(_ call: (UnsafeMutablePointer<UInt64>?) -> Int32) -> UInt64? {
    var handle: UInt64 = 0
    let status = checked(unsafe call(&handle))
    if (status == LAYERTAP_OK) != (handle != 0) { fatalError("the handle \(handle) with status \(status)") }
    return handle == 0 ? nil : handle
  }

  /// All texts of a handle, which is then released.
  static func texts(_ texts: UInt64?) -> [String] {
    guard let texts else { return [] }
    var count = 0
    guard checked(unsafe layertap_texts_count(texts, &count)) == LAYERTAP_OK else { return [] }
    let found = (0..<count).map { index in
      var data: UnsafePointer<CChar>?
      var size = 0
      let status = checked(unsafe layertap_texts_get(texts, index, &data, &size))
      guard status == LAYERTAP_OK, let data = unsafe data, unsafe data[size] == 0,
        let text = unsafe String(validating: UnsafeRawBufferPointer(start: data, count: size), as: UTF8.self)
      else { fatalError("text \(index) of \(count)") }
      return text
    }
    checkRelease(layertap_release(texts))
    return found
  }

  /// The description of an object that exists.
  @discardableResult @safe static func describe(_ call: (UnsafeMutablePointer<UInt64>?) -> Int32) -> String {
    guard let text = texts(handle(call)).first, text.utf8.first == UInt8(ascii: "{") else {
      fatalError("an object that cannot be described")
    }
    return text
  }

  private static var error: String? {
    guard let text = unsafe layertap_error() else { return nil }
    return unsafe String(validatingCString: text)
  }
}
