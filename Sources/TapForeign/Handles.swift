// Handles: numbers that stand for objects of the library. A handle keeps its kind and a generation, so that a released
// handle is never taken for a later object at the same place.

import Synchronization

/// The kinds of objects.
enum HandleKind: UInt8, CaseIterable {
  case texts = 1
  case backbone
  case extractor
  case store
  case data
  case model
  case classifier

  /// The kind in words.
  var text: String {
    switch self {
    case .texts: "texts"
    case .backbone: "a backbone"
    case .extractor: "an extractor"
    case .store: "a store"
    case .data: "labeled data"
    case .model: "a fitted model"
    case .classifier: "a classifier"
    }
  }
}

/// An object that a handle can stand for.
protocol HandleObject: AnyObject, Sendable {
  static var kind: HandleKind { get }
}

/// All objects that have a handle.
struct HandleTable {
  static let shared = Mutex(HandleTable())

  private struct Slot {
    /// From 1, so that small numbers are no handles.
    var generation: UInt32 = 1
    var object: (any HandleObject)?
  }

  /// A generation has 24 bits. A slot whose generations are used up is never used again.
  private static let lastGeneration: UInt32 = 1 << 24 - 1

  private var slots: [Slot] = []
  private var free: [Int] = []

  /// Adds an object and returns its handle.
  mutating func add<Object: HandleObject>(_ object: Object) -> UInt64 {
    let index = free.popLast() ?? slots.count
    if index == slots.count { slots.append(Slot()) }
    slots[index].object = object
    return UInt64(Object.kind.rawValue) << 56 | UInt64(slots[index].generation) << 32 | UInt64(index)
  }

  /// The object of a handle; nil if the handle was released or never existed.
  func object(_ handle: UInt64) -> (any HandleObject)? {
    let index = Int(handle & 0xffff_ffff)
    guard slots.indices.contains(index), let object = slots[index].object,
      slots[index].generation == UInt32(handle >> 32 & 0xff_ffff),
      type(of: object).kind.rawValue == UInt8(handle >> 56)
    else { return nil }
    return object
  }

  /// Forgets an object. The object is returned, so that it ends outside the lock.
  mutating func remove(_ handle: UInt64) -> (any HandleObject)? {
    guard let object = object(handle) else { return nil }
    let index = Int(handle & 0xffff_ffff)
    slots[index].object = nil
    if slots[index].generation < Self.lastGeneration {
      slots[index].generation += 1
      free.append(index)
    }
    return object
  }
}

/// The object of a handle.
///
/// - Throws: ``ForeignError/handle(expected:found:)``.
func object<Object: HandleObject>(_ handle: UInt64, as type: Object.Type = Object.self) throws -> Object {
  let found = HandleTable.shared.withLock { $0.object(handle) }
  guard let object = found as? Object else {
    throw ForeignError.handle(expected: Object.kind, found: found.map { Swift.type(of: $0).kind })
  }
  return object
}

/// The caller's memory for a new handle.
@safe struct HandleResult {
  private let place: UnsafeMutablePointer<UInt64>

  /// - Throws: ``ForeignError/null(_:)``.
  init(_ place: UnsafeMutablePointer<UInt64>?, _ name: String) throws {
    guard let place = unsafe place else { throw ForeignError.null(name) }
    unsafe self.place = unsafe place
  }

  /// Writes the handle of an object.
  func set(_ object: some HandleObject) {
    unsafe place.pointee = HandleTable.shared.withLock { $0.add(object) }
  }
}
