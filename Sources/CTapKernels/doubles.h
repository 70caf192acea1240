// Gives the operations of doubles the names of the operations of floats, for a file that is compiled for both.
#define NAME NAME_D
#define T double
#define VECTOR DOUBLES
#define WIDTH WIDTH_D
#define LOAD_ALL LOAD_D
#define LOAD_FLOATS WIDEN
#define STORE_ALL STORE_D
#define FMA FMA_D
#define SPREAD SPREAD_D
#define ZERO ZERO_D
#define SUM SUM_D
