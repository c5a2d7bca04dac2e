import ParleyClient
import Testing
